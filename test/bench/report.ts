import { type Bound, type Figures, middle, summary } from './figures.ts';
import { FIRST_REQUESTS, type FirstCosts, type RestCosts } from './first.ts';
import { cpuOf, LARGE_VENDORS, type LargeCost } from './large.ts';
import { type ListCosts, WALKED, type WalkMemory } from './listing.ts';
import { type Growth, IDLE_CALLERS, UPSTREAM_CONNECTIONS } from './memory.ts';
import type { Scenario } from './scenarios.ts';
import { MANY_CALLERS, type Measured, type Measurement } from './speed.ts';
import type { StartTimes } from './start.ts';

/** Ratios of what was measured side by side, against what is promised of them. */
export function speedBounds(measured: readonly Measured[]): Bound[] {
  const at = (
    subject: Measurement['subject'],
    scenario: Scenario['name'],
    of: keyof Figures,
    connections = MANY_CALLERS,
  ): number => {
    const found = measured.find(
      (one) =>
        one.subject === subject && one.scenario === scenario && one.connections === connections,
    );
    return middle(found?.rounds ?? [], (round) => round[of]);
  };
  const ofPeers = (['naver', 'nerm'] as const).flatMap((scenario): Bound[] => {
    const ratio = (peer: Measurement['subject'], of: keyof Figures): number =>
      at('gateway', scenario, of) / at(peer, scenario, of);
    return [
      bound(`${scenario}: requests/s to Fastify's`, ratio('fastify', 'perSecond'), 0.97),
      atMost(
        `${scenario}: CPU per request to Fastify's`,
        ratio('fastify', 'cpuMicroseconds'),
        1.05,
      ),
      bound(`${scenario}: requests/s to lean Fastify's`, ratio('fastify-lean', 'perSecond'), 0.87),
      atMost(
        `${scenario}: CPU per request to lean Fastify's`,
        ratio('fastify-lean', 'cpuMicroseconds'),
        1.15,
      ),
      bound(`${scenario}: requests/s to the Hono floor's`, ratio('hono-floor', 'perSecond'), 1),
      atMost(`${scenario}: p99 to Fastify's`, ratio('fastify', 'p99Ms'), 1.3),
    ];
  });
  const oneCall = Math.max(
    ...(['naver', 'nerm'] as const).map((s) => at('gateway', s, 'perSecond')),
  );
  const addedMs = at('gateway', 'naver', 'p50Ms', 1) - at('direct', 'naver', 'p50Ms', 1);
  const large = at('gateway, large', 'naver', 'cpuMicroseconds');
  return [
    ...ofPeers,
    { ...atMost('p50 added to a direct call, one caller', addedMs, 0.3), unit: 'ms' },
    bound('senlin: requests/s to one call', at('gateway', 'senlin', 'perSecond') / oneCall, 0.55),
    atMost(
      'CPU with 1,000 targets, 1,000 rules and 1,000,000 links to one of each',
      large / at('gateway', 'naver', 'cpuMicroseconds'),
      1.1,
    ),
  ];
}

/** Cost in proportion to the size of a patch. */
export function largeBounds(costs: readonly LargeCost[]): Bound[] {
  return LARGE_VENDORS.map((vendor) => {
    const of = (kib: number): number =>
      cpuOf(
        costs.find((one) => one.subject === 'gateway' && one.vendor === vendor && one.kib === kib),
      );
    return atMost(`${vendor}: CPU of 256 KiB to that of 16 KiB`, of(256) / of(16), 16);
  });
}

export function growthBound({ afterFew, afterMany }: Growth): Bound {
  return atMost('memory after 1,000,000 requests to after 100,000', afterMany / afterFew, 1.1);
}

export function idleBound(mib: number): Bound {
  const says = `memory with ${IDLE_CALLERS} idle callers and ${UPSTREAM_CONNECTIONS} connections`;
  return { ...atMost(says, mib, 150), unit: 'MiB' };
}

/** What lists cost beside a loop by hand, and what they hold. */
export function listBounds({ gateway, loop }: ListCosts, walk: WalkMemory): Bound[] {
  const cpu = summary(gateway).median / summary(loop).median;
  const memory = walk.mostMib / walk.warmMib;
  return [
    atMost("list: CPU per profile to a hand-written loop's", cpu, 1.3),
    atMost(`memory of a walk of ${WALKED} profiles to that of its first part`, memory, 1.1),
  ];
}

export function listLines({ gateway, loop }: ListCosts, walk: WalkMemory): string[] {
  const { mostMib, warmMib } = walk;
  return [
    `list, gateway: ${spread(gateway, 2)} µs of CPU for a profile`,
    `list, loop by hand: ${spread(loop, 2)} µs of CPU for a profile`,
    `walk of ${WALKED}: ${warmMib.toFixed(0)} MiB at most in its first part, then ${mostMib.toFixed(0)}`,
  ];
}

export function startLines({ cold, node, warm }: StartTimes): string[] {
  return [
    `start to first patch, without the code of the build: ${spread(cold)} ms`,
    `start to first patch: ${spread(warm)} ms`,
    `Node.js alone, replaced once as for the gateway's flags: ${spread(node)} ms`,
  ];
}

export function startBound({ warm }: StartTimes): Bound {
  return { ...atMost('start to first patch', summary(warm).median, 300), unit: 'ms' };
}

export function firstLines({ fastify, gateway }: FirstCosts): string[] {
  return [
    `first ${FIRST_REQUESTS} requests, gateway: ${spread(gateway)} µs of CPU each`,
    `first ${FIRST_REQUESTS} requests, fastify: ${spread(fastify)} µs of CPU each`,
  ];
}

export function firstBound({ fastify, gateway }: FirstCosts): Bound {
  const ratio = summary(gateway).median / summary(fastify).median;
  return atMost(`CPU of the first ${FIRST_REQUESTS} requests to Fastify's`, ratio, 1.5);
}

export function restLines({ after, steady }: RestCosts): string[] {
  return [
    `steady, gateway: ${spread(steady)} µs of CPU each`,
    `first second after a minute without requests: ${spread(after)} µs of CPU each`,
  ];
}

export function restBound({ after, steady }: RestCosts): Bound {
  const ratio = summary(after).median / summary(steady).median;
  return atMost('CPU after a minute without requests to the steady CPU', ratio, 1.2);
}

export function workerBound(milliseconds: number): Bound {
  return { ...atMost('start of the Worker, CPU', milliseconds, 20), unit: 'ms' };
}

function spread(values: readonly number[], digits = 0): string {
  const [median, least, most] = [summary(values).median, Math.min(...values), Math.max(...values)];
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}

/** The table of all medians, in Markdown, with the spread of the rates. */
export function table(measured: readonly Measured[]): string {
  const rows = measured.map(({ connections, rounds, scenario, subject }) => {
    const { least, median, most } = summary(rounds.map(({ perSecond }) => perSecond));
    const fastify = measured.find(
      (one) =>
        one.subject === 'fastify' && one.scenario === scenario && one.connections === connections,
    );
    const ratio = median / middle(fastify?.rounds ?? [], ({ perSecond }) => perSecond);
    const cpu = middle(rounds, ({ cpuMicroseconds }) => cpuMicroseconds);
    const cells = [
      scenario,
      subject,
      String(connections),
      `${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`,
      Number.isNaN(ratio) ? '-' : ratio.toFixed(2),
      subject === 'direct' ? '-' : cpu.toFixed(0),
      middle(rounds, ({ p50Ms }) => p50Ms).toFixed(2),
      middle(rounds, ({ p99Ms }) => p99Ms).toFixed(2),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| PATCH | by | callers | requests/s | to Fastify | CPU µs | p50 ms | p99 ms |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function bound(says: string, measured: number, atLeast: number): Bound {
  return { says, measured, atLeast };
}

function atMost(says: string, measured: number, limit: number): Bound {
  return { says, measured, atMost: limit };
}
