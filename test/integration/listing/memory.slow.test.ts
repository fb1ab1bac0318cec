import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listen } from '../../../src/node/http-server/server.ts';
import { CLI, node } from '../../support/child.ts';
import { count } from '../../support/counts.ts';
import { close } from '../../support/gateway.ts';
import { NO_PROFILES, nermPage } from '../../support/nerm-pages.ts';
import { usageOf } from '../../support/process-usage.ts';

const PROFILES = count(60_000, 1_000_000);
const PAGE = 500;
/** Part of the walk after which memory must grow no more. */
const WARM_UP = 0.3;
const GROWTH_MAX = 1.1;

type Page = { readonly profiles: readonly { readonly upstreamId: string }[] };

function answer(request: Request): Response {
  const page = nermPage(new URL(request.url).searchParams, PROFILES);
  return page === undefined ? Response.json(NO_PROFILES, { status: 400 }) : Response.json(page);
}

test(`a walk of ${PROFILES} profiles never holds more than a page`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'walk-'));
  const upstream = await listen(async (request) => answer(request), '127.0.0.1', 0);
  const file = join(folder, 'gateway.json');
  const auth = { method: 'token', token: 'a-key-that-is-not-real' };
  const nerm = { vendor: 'nerm', baseUrl: `${upstream.origin}/api`, auth };
  writeFileSync(file, JSON.stringify({ version: 1, targets: { nerm } }));
  const gateway = node([CLI, 'serve', '--config', file, '--port', '0']);
  try {
    const [, origin = ''] = await gateway.says(/(http:\/\/127\.0\.0\.1:\d+)/);
    const usage = usageOf(gateway.pid);
    let [listed, last, warmMib, mostMib] = [0, '', 0, 0];
    let path: string | undefined = `/profiles?target=nerm&limit=${PAGE}`;
    while (path !== undefined) {
      const response: Response = await fetch(origin + path);
      const page = (await response.json()) as Page;
      for (const { upstreamId } of page.profiles) {
        expect(upstreamId > last).toBe(true);
        last = upstreamId;
      }
      listed += page.profiles.length;
      const mib = usage.residentMib();
      if (listed <= PROFILES * WARM_UP) warmMib = Math.max(warmMib, mib);
      else mostMib = Math.max(mostMib, mib);
      path = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(listed).toBe(PROFILES);
    console.info(
      `walk of ${PROFILES}: ${warmMib} MiB, then ${mostMib}; ${usage.cpuMs()} ms of CPU`,
    );
    expect(mostMib).toBeLessThan(warmMib * GROWTH_MAX);
  } finally {
    gateway.kill('SIGTERM');
    await gateway.ended;
    await close(upstream);
    rmSync(folder, { recursive: true });
  }
}, 900_000);
