// Local times, copy buttons, live updates and plots. Every page works without this script.

const page = document.body;
const plots = [];

function showLocalTimes(root) {
  const format = new Intl.DateTimeFormat(undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  });
  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' });
  for (const element of root.querySelectorAll('time[datetime]')) {
    const time = new Date(element.dateTime);
    if (Number.isNaN(time.getTime())) continue;
    const name = zone.formatToParts(time).find(({ type }) => type === 'timeZoneName');
    element.textContent = `${format.format(time)} ${name?.value ?? ''}`.trim();
  }
}

function offerCopies() {
  for (const box of document.querySelectorAll('[data-copy]')) {
    const button = box.querySelector('button');
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(box.querySelector('code').textContent);
        button.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(box.querySelector('code'));
        button.textContent = 'Selected';
      }
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
  }
}

/** Reads a file into the field that is sent: the form stays one of texts. */
function offerFiles() {
  for (const part of document.querySelectorAll('[data-file-for]')) {
    const field = document.getElementById(part.dataset.fileFor);
    part.hidden = false;
    part.querySelector('input').addEventListener('change', async ({ target }) => {
      const [file] = target.files;
      if (file !== undefined) field.value = await file.text();
    });
  }
}

/** A result is read before all else, also by those who hear the page. */
function focusNotice() {
  document.querySelector('[data-focus]')?.focus({ preventScroll: true });
}

/** A table that is wider than its room can be scrolled with keys. */
function markScrollers() {
  for (const element of document.querySelectorAll('.table')) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute('tabindex');
  }
}

const PLOTS = {
  requests: [['requests', 'requests per second', 1]],
  outcomes: [
    ['reads', 'read', 1],
    ['applied', 'written', 2],
    ['rejected', 'rejected', 3],
    ['failedReads', 'failed reads', 5],
    ['uncertain', 'partial or unknown', 4],
  ],
  latency: [
    ['p50', '50 %', 2],
    ['p95', '95 %', 3],
    ['p99', '99 %', 4],
  ],
  losses: [
    ['losses', 'lost', 3],
    ['unconfirmed', 'unconfirmed', 1],
  ],
};
const PLOT_HEIGHT = 180;

function columnsOf(name, data) {
  return [data.at, ...PLOTS[name].map(([column]) => data[column])];
}

/** While nobody points at the plot, its legend has the values of the last slot. */
function showLatest(plot) {
  plot.setLegend({ idx: plot.data[0].length - 1 });
}

function drawPlots(data) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  for (const { plot } of plots.splice(0)) plot.destroy();
  for (const area of document.querySelectorAll('[data-plot]')) {
    const name = area.dataset.plot;
    const axis = {
      stroke: color('--muted'),
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    const options = {
      width: area.clientWidth,
      height: PLOT_HEIGHT,
      cursor: { y: false, drag: { x: false } },
      legend: { markers: { fill: (self, i) => self.series[i].stroke(self, i) } },
      scales: { y: { range: (_self, _least, most) => [0, Math.max(1, (most ?? 0) * 1.1)] } },
      axes: [
        { ...axis, grid: { show: false }, space: 70, size: 30, values: '{HH}:{mm}' },
        { ...axis, size: 48 },
      ],
      series: [
        { value: '{HH}:{mm}' },
        ...PLOTS[name].map(([, label, number]) => ({
          label,
          stroke: color(`--plot-${number}`),
          width: 1.75,
          points: { show: name === 'latency', size: 4 },
          value: (_self, value) => (value == null ? '–' : String(value)),
        })),
      ],
    };
    const plot = new uPlot(options, columnsOf(name, data), area);
    plots.push({ area, name, plot });
    showLatest(plot);
    plot.over.addEventListener('mouseleave', () => showLatest(plot));
  }
}

function startPlots() {
  const holder = document.querySelector('[data-plots]');
  if (holder === null || typeof uPlot === 'undefined') return;
  let data = JSON.parse(holder.dataset.plots);
  drawPlots(data);
  const redraw = () => drawPlots(data);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  addEventListener('resize', () => {
    for (const { area, plot } of plots) {
      plot.setSize({ width: area.clientWidth, height: PLOT_HEIGHT });
    }
  });
  holder.addEventListener('update', ({ detail }) => {
    data = detail;
    for (const { name, plot } of plots) {
      plot.setData(columnsOf(name, data));
      if (!plot.over.matches(':hover')) showLatest(plot);
    }
  });
}

function showUpdate({ cells, plots: data }) {
  for (const element of document.querySelectorAll('[data-live]')) {
    const cell = cells[element.dataset.live];
    if (cell === undefined) continue;
    if (element.textContent !== cell.text) element.textContent = cell.text;
    element.className = cell.tone === undefined ? '' : `badge badge-${cell.tone}`;
  }
  for (const element of document.querySelectorAll('[data-live-changed]')) {
    const cell = cells[element.dataset.liveChanged];
    if (cell !== undefined && cell.text !== element.dataset.liveWas) element.hidden = false;
  }
  document
    .querySelector('[data-plots]')
    ?.dispatchEvent(new CustomEvent('update', { detail: data }));
}

/** Listens while the page is seen: nobody looks at a page in the background. */
function followUpdates(address) {
  const status = document.querySelector('[data-live-status]');
  let source;
  const say = (state, text) => {
    if (status === null) return;
    status.hidden = false;
    status.dataset.state = state;
    status.textContent = text;
  };
  const stop = () => {
    source?.close();
    source = undefined;
    say('off', 'Paused');
  };
  const start = () => {
    if (source !== undefined) return;
    source = new EventSource(address);
    source.addEventListener('message', ({ data }) => {
      showUpdate(JSON.parse(data));
      say('on', 'Live');
    });
    source.addEventListener('error', () => {
      const isOver = source?.readyState === EventSource.CLOSED;
      say('off', isOver ? 'Not live: reload the page' : 'Connecting');
    });
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : start()));
  addEventListener('pagehide', stop);
  addEventListener('pageshow', () => {
    if (!document.hidden) start();
  });
  if (!document.hidden) start();
}

/** Where the navigation is wider than its room, the page one is on stays in sight. */
function showPlace() {
  const here = document.querySelector('nav [aria-current]');
  here?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

showLocalTimes(document);
showPlace();
offerCopies();
offerFiles();
focusNotice();
markScrollers();
addEventListener('resize', markScrollers);
startPlots();
if (page.dataset.liveSource !== undefined) followUpdates(page.dataset.liveSource);
