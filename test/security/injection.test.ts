import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, expectProblem, MERGE_PATCH, patch, sendRaw } from '../support/client.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import {
  IAM,
  NAVER,
  NERM,
  naverTarget,
  nermTarget,
  SENLIN,
  upstreamIdOf,
} from '../support/profiles.ts';
import { type Recorded, type Recorder, startRecorder } from './recorder.ts';

let recorder: Recorder;
let gateway: RunningGateway;
beforeAll(async () => {
  recorder = await startRecorder();
  gateway = await startGateway({
    targets: {
      'nerm-seen': () => nermTarget()(recorder.origin),
      'naver-seen': () => naverTarget()(recorder.origin),
    },
    defaultTarget: 'senlin-demo',
  });
});
afterAll(async () => {
  await gateway.stop();
  await recorder.stop();
});

const BREAKS: readonly [string, string][] = [
  ['CR LF', '\r\n'],
  ['LF', '\n'],
  ['CR', '\r'],
  ['NUL', '\u0000'],
  ['two lines', '\r\n\r\n'],
  ['NEL', '\u0085'],
  ['line separator', '\u2028'],
  ['characters that end in CR and LF when cut to bytes', '\u010d\u010a'],
];
const EVIL = 'X-Injected: 1';

describe('an id with a line break is refused, and nothing is sent:', () => {
  const ids = [SENLIN, NERM, IAM, NAVER, upstreamIdOf(SENLIN)];
  const places: readonly ((id: string, evil: string) => string)[] = [
    (id, evil) => id + evil,
    (id, evil) => id.slice(0, -1) + evil,
    (id, evil) => evil + id,
    (id, evil) => id.replace(/:?([^:]*)$/, (found) => found[0] + evil + found.slice(1)),
  ];
  it.each(BREAKS)('%s', async (_, lineBreak) => {
    const seen = gateway.upstream.length;
    const encoded = encodeURIComponent(`${lineBreak}${EVIL}`);
    for (const evil of [encoded, encodeURIComponent(encoded), encoded.toLowerCase()]) {
      for (const id of ids.flatMap((id) => places.map((place) => place(id, evil)))) {
        for (const method of ['GET', 'PATCH'] as const) {
          const body = method === 'PATCH' ? { headers: MERGE_PATCH, body: '{"name":"x"}' } : {};
          const answer = await call(gateway.origin, `/profiles/${id}`, { method, ...body });
          const isUnknown = answer.status === 404 && answer.json.code === 'unknown_target';
          if (!isUnknown) expectProblem(answer, 400, 'invalid_id');
          expect(Object.keys(answer.headers)).not.toContain('x-injected');
        }
      }
    }
    expect(gateway.upstream.length).toBe(seen);
  });
});

describe('a header with a line break never gets in:', () => {
  it.each([
    'Authorization',
    'Prefer',
    'If-Match',
    'If-None-Match',
    'X-Request-Id',
    'traceparent',
    'Content-Type',
    'Host',
  ])('%s', async (name) => {
    const seen = gateway.upstream.length;
    for (const [, lineBreak] of BREAKS.slice(0, 5)) {
      const bytes = `GET /profiles/${NERM} HTTP/1.1\r\nHost: localhost\r\n${name}: a${lineBreak}${EVIL}\r\n\r\n`;
      const text = await sendRaw(gateway.origin, bytes, 100);
      // After a whole CR LF it is a header of its own, which means nothing.
      if (!lineBreak.startsWith('\r\n')) expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text.toLowerCase()).not.toMatch(/^x-injected/m);
    }
    const plain = gateway.upstream.slice(seen).filter(({ method }) => method !== 'GET');
    expect(plain).toEqual([]);
  });
});

describe('a field with a line break stays inside the JSON that is sent:', () => {
  /** What reaches the vendor for a patch. */
  async function sentFor(id: string, body: object): Promise<readonly Recorded[]> {
    const from = recorder.requests.length;
    await patch(gateway.origin, id, JSON.stringify(body));
    return recorder.requests.slice(from);
  }

  const varies = /^(?:content-length|x-ncp-apigw-(?:timestamp|signature-v2)):/i;
  const shape = (requests: readonly Recorded[]) =>
    requests.map(({ headers, line }) => [line, headers.filter((header) => !varies.test(header))]);

  const nerm = `nerm-seen:${upstreamIdOf(NERM)}`;
  const naver = `naver-seen:${upstreamIdOf(NAVER)}`;
  it.each<[string, string, (text: string) => object]>([
    ['the name', nerm, (name) => ({ name })],
    ['an attribute', nerm, (value) => ({ attributes: { team: value } })],
    ["an attribute's name", nerm, (key) => ({ attributes: { [key]: 'x' } })],
    ['a field of a vendor', nerm, (id) => ({ extensions: { nerm: { profile_type_id: id } } })],
    ['a text of another vendor', naver, (description) => ({ description })],
    ['a list', naver, (id) => ({ extensions: { naver: { roleIdList: [id] } } })],
  ])('%s', async (_, id, body) => {
    const plain = shape(await sentFor(id, body('plain')));
    for (const [, lineBreak] of BREAKS) {
      const text = `a${lineBreak}${EVIL}${lineBreak}b`;
      const sent = await sentFor(id, body(text));
      // Refused by a limit of the field, or sent by the same lines and headers as any other.
      if (sent.length > 0) expect(shape(sent)).toEqual(plain);
      for (const { body: json, headers, line } of sent) {
        expect(line + headers.join('\n')).not.toContain('Injected');
        if (json !== '') expect(() => JSON.parse(json)).not.toThrow();
      }
    }
  });

  it('and the vendor gets it as it was written', async () => {
    const text = `a\r\n${EVIL}\u0000`;
    const bodies = (await sentFor(nerm, { attributes: { team: text } })).map(({ body }) => body);
    expect(bodies.some((body) => body.includes(JSON.stringify(text).slice(1, -1)))).toBe(true);
  });
});
