import { middle } from './figures.ts';
import { runLoad } from './load.ts';
import type { Subject } from './process.ts';
import { CALLER_KEY, callerId, UPSTREAM_ID, writeSmallConfiguration } from './scenarios.ts';
import type { Stage } from './stage.ts';

/** Sizes of patches in KiB, the last one the largest that the gateway takes. */
export const LARGE_KIB = [16, 64, 256] as const;
export const LARGE_VENDORS = ['nerm', 'senlin'] as const;
const SUBJECTS = ['gateway', 'fastify'] as const;

/** What patches of one size cost at one vendor. */
export type LargeCost = {
  readonly vendor: (typeof LARGE_VENDORS)[number];
  readonly kib: (typeof LARGE_KIB)[number];
  readonly subject: (typeof SUBJECTS)[number];
  readonly rounds: readonly { readonly perSecond: number; readonly cpuMicroseconds: number }[];
};

const CALLERS = 8;
const PROFILES = 64;
const WARM_UP_SECONDS = 3;
const VALUE = 'x'.repeat(100);

/** Measures patches of many attributes, each by a new process that is warm, round by round. */
export async function measureLarge(
  stage: Stage,
  { rounds, say, seconds }: { rounds: number; seconds: number; say: (line: string) => void },
): Promise<LargeCost[]> {
  const sizes = await Promise.all(
    LARGE_KIB.map(async (kib) => {
      const attributes = attributesOf(kib);
      return { kib, attributes, vendors: await stage.upstreamWith(`large-${kib}`, attributes) };
    }),
  );
  const prepared = sizes.flatMap(({ attributes, kib, vendors: { folder, origin } }) => {
    const file = writeSmallConfiguration(folder, origin);
    const body = JSON.stringify({ attributes });
    return LARGE_VENDORS.flatMap((vendor) =>
      SUBJECTS.map((subject) => {
        const isPeer = subject === 'fastify';
        const id = isPeer ? UPSTREAM_ID : callerId(vendor);
        const start = () => (isPeer ? stage.peer(subject, vendor, origin) : stage.gateway(file));
        return { vendor, kib, subject, start, path: `/profiles/${id}`, body };
      }),
    );
  });
  const measured = prepared.map(() => [] as LargeCost['rounds'][number][]);
  for (let round = 1; round <= rounds; round += 1) {
    say(`large bodies, round ${round} of ${rounds}`);
    for (const [i, { body, path, start }] of prepared.entries()) {
      measured[i]?.push(await measure(await start(), { body, path, seconds }));
    }
  }
  return prepared.map(({ kib, subject, vendor }, i) => {
    return { vendor, kib, subject, rounds: measured[i] ?? [] };
  });
}

async function measure(
  subject: Subject,
  { body, path, seconds }: { body: string; path: string; seconds: number },
): Promise<LargeCost['rounds'][number]> {
  const { origin } = subject;
  const asked = { origin, path, body, key: CALLER_KEY, connections: CALLERS, profiles: PROFILES };
  await runLoad({ ...asked, seconds: WARM_UP_SECONDS });
  const beforeMs = subject.cpuMs();
  const { durationMs, requests } = await runLoad({ ...asked, seconds });
  const cpuMs = subject.cpuMs() - beforeMs;
  await subject.stop();
  const perSecond = (requests / durationMs) * 1_000;
  return { perSecond, cpuMicroseconds: (cpuMs / requests) * 1_000 };
}

/** Attributes of which a patch has so many KiB, at most. */
export function attributesOf(kib: number): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  const member = `"${attributeName(0)}":"${VALUE}",`.length;
  const count = Math.floor((kib * 1024 - '{"attributes":{}}'.length) / member);
  for (let i = 0; i < count; i += 1) attributes[attributeName(i)] = VALUE;
  return attributes;
}

function attributeName(index: number): string {
  return `attribute_${String(index).padStart(4, '0')}`;
}

/** The table of all medians, in Markdown. */
export function largeTable(costs: readonly LargeCost[]): string {
  const rows = costs.map((cost) => {
    const { kib, rounds, subject, vendor } = cost;
    const perSecond = middle(rounds, (round) => round.perSecond);
    const cpu = cpuOf(cost);
    const ratio = cpu / cpuOf(costs.find((one) => isPeerOf(one, cost)));
    const figures = [perSecond.toFixed(0), cpu.toFixed(0), ratio.toFixed(2)];
    return `| ${[vendor, `${kib} KiB`, subject, ...figures].join(' | ')} |`;
  });
  return [
    '| PATCH | body | by | requests/s | CPU µs | to Fastify |',
    '| --- | ---: | --- | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function isPeerOf(one: LargeCost, { kib, vendor }: LargeCost): boolean {
  return one.subject === 'fastify' && one.kib === kib && one.vendor === vendor;
}

/** The CPU of a patch in microseconds, median of the rounds. */
export function cpuOf(cost: LargeCost | undefined): number {
  return middle(cost?.rounds ?? [], (round) => round.cpuMicroseconds);
}
