import { parseArgs } from 'node:util';
import { createProgressLine } from '../../src/node/cli/links/progress-line.ts';
import { obstacles } from './cores.ts';
import { type Bound, boundLine, holds } from './figures.ts';
import { measureFirst, measureRest } from './first.ts';
import { largeTable, measureLarge } from './large.ts';
import { measureLists, measureWalk } from './listing.ts';
import { measureGrowth, measureIdle } from './memory.ts';
import * as report from './report.ts';
import { measureSpeed } from './speed.ts';
import { setStage } from './stage.ts';
import { measureStart } from './start.ts';
import { measureWorkerStart } from './worker-start.ts';

const ALL = [
  ...(['speed', 'large', 'lists', 'growth', 'idle'] as const),
  ...(['start', 'first', 'rest', 'worker'] as const),
] as const;

const HELP = `usage: npm run bench -- [OPTION]...

Measures side by side, prints a table, and exits with 1 where a bound is broken.

  --rounds N   rounds, of which medians are taken; 9 by default
  --seconds N  how long each load lasts; 3 by default
  --only PARTS some of these, with commas between:
    speed   patches, beside translators by hand
    large   patches of 16, 64 and 256 KiB, beside translators by hand
    lists   a walk through a list, beside a loop by hand, and its memory
    growth  memory after many patches
    idle    memory with many callers and connections
    start   from the start of dist/gateway.js to its first answered patch
    first   CPU of the first 10,000 requests of a new process
    rest    CPU after a minute without requests
    worker  CPU of the start of the Worker`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '3' },
    help: { type: 'boolean', short: 'h', default: false },
    only: { type: 'string', default: ALL.join() },
  },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit();
}
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
if (!(rounds > 0 && seconds > 0)) throw new Error('--rounds and --seconds are numbers above 0');
const found = obstacles();
if (found.length > 0) {
  process.stderr.write(`${found.join('\n')}\n`);
  process.exit(1);
}
const parts = values.only.split(',');
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const progress = createProgressLine(true);
const stage = await setStage();
const bounds: Bound[] = [];
try {
  if (parts.includes('speed')) {
    const measured = await measureSpeed(stage, { rounds, seconds, say: progress.show });
    progress.end();
    say(`\n${report.table(measured)}\n`);
    bounds.push(...report.speedBounds(measured));
  }
  if (parts.includes('large')) {
    const costs = await measureLarge(stage, { rounds, seconds, say: progress.show });
    progress.end();
    say(`\n${largeTable(costs)}\n`);
    bounds.push(...report.largeBounds(costs));
  }
  if (parts.includes('lists')) {
    const costs = await measureLists(stage, rounds, progress.show);
    progress.end();
    const walk = await measureWalk(stage);
    for (const line of report.listLines(costs, walk)) say(line);
    bounds.push(...report.listBounds(costs, walk));
  }
  if (parts.includes('growth')) bounds.push(report.growthBound(await measureGrowth(stage, say)));
  if (parts.includes('idle')) bounds.push(report.idleBound(await measureIdle(stage)));
  if (parts.includes('start')) {
    const times = await measureStart(stage, rounds);
    for (const line of report.startLines(times)) say(line);
    bounds.push(report.startBound(times));
  }
  if (parts.includes('first')) {
    const costs = await measureFirst(stage, rounds);
    for (const line of report.firstLines(costs)) say(line);
    bounds.push(report.firstBound(costs));
  }
  if (parts.includes('rest')) {
    const costs = await measureRest(stage, rounds);
    for (const line of report.restLines(costs)) say(line);
    bounds.push(report.restBound(costs));
  }
  if (parts.includes('worker')) {
    bounds.push(report.workerBound(measureWorkerStart(stage.folder, rounds)));
  }
} finally {
  await stage.stop();
}
for (const bound of bounds) say(boundLine(bound));
process.exit(bounds.every(holds) ? 0 : 1);
