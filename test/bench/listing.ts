import type { Subject } from './process.ts';
import { CALLER_KEY, writeListConfiguration } from './scenarios.ts';
import type { Stage } from './stage.ts';

/** Who lists, and the microseconds of CPU for one profile, round by round. */
export type ListCosts = Readonly<Record<'gateway' | 'loop', readonly number[]>>;

/** Resident memory of a gateway during a walk, in MiB: the most of its first part, and after. */
export type WalkMemory = { readonly warmMib: number; readonly mostMib: number };

const PAGE = 500;
const WARM_UP = 100_000;
const MEASURED = 200_000;
export const WALKED = 1_000_000;
/** Part of a walk after which memory has to be flat. */
const WARM = 0.3;

/**
 * Measures the gateway and a loop by hand in turn, each time a new process that walks the same
 * pages of the same vendor, once it is warm.
 */
export async function measureLists(
  stage: Stage,
  rounds: number,
  say: (line: string) => void,
): Promise<ListCosts> {
  const vendor = await stage.nerm(WARM_UP + MEASURED);
  const file = writeListConfiguration(stage.folder, vendor.origin);
  const costs = { gateway: [] as number[], loop: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    say(`lists, round ${round} of ${rounds}`);
    costs.gateway.push(await costOf(await stage.gateway(file)));
    costs.loop.push(await costOf(await stage.peer('list', 'nerm', vendor.origin)));
  }
  await vendor.stop();
  return costs;
}

async function costOf(subject: Subject): Promise<number> {
  let warmMs = 0;
  const listed = await walk(subject.origin, (count) => {
    if (count === WARM_UP) warmMs = subject.cpuMs();
  });
  if (listed !== WARM_UP + MEASURED) throw new Error(`${listed} profiles were listed`);
  const cost = ((subject.cpuMs() - warmMs) / MEASURED) * 1_000;
  await subject.stop();
  return cost;
}

/** Has a new gateway list `WALKED` profiles. */
export async function measureWalk(stage: Stage): Promise<WalkMemory> {
  const vendor = await stage.nerm(WALKED);
  const gateway = await stage.gateway(writeListConfiguration(stage.folder, vendor.origin));
  let [warmMib, mostMib] = [0, 0];
  const listed = await walk(gateway.origin, (count) => {
    const mib = gateway.residentMib();
    if (count <= WALKED * WARM) warmMib = Math.max(warmMib, mib);
    else mostMib = Math.max(mostMib, mib);
  });
  if (listed !== WALKED) throw new Error(`${listed} profiles were listed`);
  await gateway.stop();
  await vendor.stop();
  return { warmMib, mostMib };
}

/** Follows the links from page to page, and returns the number of profiles. */
async function walk(origin: string, onPage: (listed: number) => void): Promise<number> {
  let listed = 0;
  let path: string | undefined = `/profiles?target=nerm&limit=${PAGE}`;
  while (path !== undefined) {
    const headers = { authorization: `Bearer ${CALLER_KEY}` };
    const response: Response = await fetch(origin + path, { headers });
    if (response.status !== 200) throw new Error(`a page was answered by ${response.status}`);
    // Each profile has one, which costs this process less than parsing the page.
    listed += (await response.text()).split('"upstreamId":').length - 1;
    onPage(listed);
    path = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  }
  return listed;
}
