/// <reference types="vite/types/importMeta.d.ts" />
import { describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import type { HttpRequest, JsonObject } from '../../src/contract/index.ts';
import { type Bench, createBench } from './bench.ts';
import { isWorkerd } from './environment.ts';
import { createPlayer, REPLAYED_TOKEN, recordings } from './recorded.ts';
import { createHarness, subjects } from './subjects.ts';

/** The request bytes as one runtime wrote them down, which every runtime must give. */
const golden = import.meta.glob<string>('./golden/*.json', {
  eager: true,
  import: 'default',
  query: '?raw',
});

/** Patches whose text is easily changed on the way; each goes to every subject's sandbox. */
const DELICATE_PATCHES: readonly string[] = [
  '{"name":"eu-de_\\u00e9\\u4e2d"}',
  '{"description":"\\u0000 \\ud83d\\ude00 \\u2028 <>&\\" \\\\ /"}',
  '{"description":null}',
  '{"attributes":{"one":1.0,"ten":1e1,"list":[-0,0.10,{"z":1,"a":2}],"__proto__":{"x":null}}}',
  '{"attributes":{"cost_centre":"\\ud800 \\u00fc","nickname":null}}',
  '{"name":"eu-de_new","description":"d","status":"inactive"}',
];

const MASK = '(differs each time)';

describe.each(adapters)('$vendor', ({ vendor }) => {
  test('9: the same bytes on every runtime', async () => {
    const text = `${JSON.stringify(await requestsOf(vendor), undefined, 2)}\n`;
    if (isWorkerd) expect(text).toBe(golden[`./golden/${vendor}.json`]);
    else await expect(text).toMatchFileSnapshot(`./golden/${vendor}.json`);
  });
});

async function requestsOf(vendor: string): Promise<JsonObject> {
  const requests = new Map<string, JsonObject[]>();
  for (const recording of recordings) {
    if (recording.vendor !== vendor) continue;
    const { handling = 'strict', id, name, patch, settings } = recording;
    const { send } = createPlayer(recording);
    const bench = await createBench({ vendor, settings, send });
    const headers = { prefer: `handling=${handling}` };
    await bench.ask(patch === undefined ? { id } : { id, patch: JSON.stringify(patch), headers });
    requests.set(
      name,
      bench.sent.map((request) => shown(request, bench)),
    );
  }
  for (const subject of subjects) {
    if (subject.vendor !== vendor) continue;
    for (const patch of DELICATE_PATCHES) {
      const harness = await createHarness(subject);
      await harness.ask({ id: subject.id, patch, headers: { prefer: 'handling=lenient' } });
      const sent = harness.sent.map((request) => shown(request, harness));
      if (sent.length > 0) requests.set(`${subject.title}: ${patch}`, sent);
    }
  }
  return Object.fromEntries(requests);
}

/**
 * A request with what differs each time masked: tokens that a sandbox made up. Signatures stand as
 * they are, since the clock does too.
 */
function shown(
  { body, headers, method, origin, path }: HttpRequest,
  { secrets, connection }: Bench,
) {
  const fixed = new Set([REPLAYED_TOKEN, ...connection.secrets.map(({ value }) => value)]);
  const tokens = [...secrets].filter((secret) => !fixed.has(secret));
  const masked = (text: string): string =>
    tokens.reduce((left, token) => left.replaceAll(token, MASK), text);
  const names = Object.keys(headers).sort();
  return {
    line: `${method} ${origin}${path}`,
    headers: Object.fromEntries(names.map((name) => [name, masked(headers[name] ?? '')])),
    ...(body === undefined ? {} : { body: masked(body) }),
  };
}
