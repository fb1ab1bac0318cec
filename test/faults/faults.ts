import type { HttpResponse } from '../../src/adapter-kit/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from '../../src/limits.ts';

/** Where a request that the vendor has yet to see may be handed over after all. */
export type Late =
  | 'before the next read'
  | 'before the second read'
  | 'before the next write'
  | 'in the end';

/** One request on its way to the vendor, and all that can befall it. */
export type Passage = {
  /** Hands the request to the vendor; its answer. */
  readonly deliver: () => Promise<HttpResponse>;
  /** The profile as it is, in the form of an answer to this request. */
  readonly unwritten: () => Promise<HttpResponse>;
  /** The profile as it was before the case, in answer to a read. */
  readonly old: () => Promise<HttpResponse>;
  /** An answer of something in front of the vendor. */
  readonly front: (
    status: number,
    body: string,
    headers?: Readonly<Record<string, string>>,
  ) => HttpResponse;
  readonly expired: () => HttpResponse;
  readonly hold: (late: Late) => void;
  readonly answer: (answer: HttpResponse) => void;
  readonly cut: (answer: HttpResponse, share: number) => void;
  readonly dribble: (answer: HttpResponse, everyMs: number) => void;
  readonly reset: () => void;
};

export type Fault = {
  readonly name: string;
  /** On the way to the proxy, or with the request in its hands. */
  readonly meets: 'lookup' | 'connection' | 'request';
  /** Reads and token requests meet it too; a fault that needs a write does not say so. */
  readonly anyRequest: boolean;
  /** The vendor gets the request twice, and the gateway what it says of the second. */
  readonly isRepeated?: true;
  readonly how: Lookups | Connections | ((passage: Passage) => Promise<void> | void);
};
type Lookups = 'nobody' | 'unknown name';
type Connections = 'hang' | 'reset';

const HTML = '<!doctype html><title>Sorry</title><p>The service is resting.</p>';
const html = (passage: Passage, status: number): HttpResponse =>
  passage.front(status, HTML, { 'content-type': 'text/html' });

const request = (name: string, how: (passage: Passage) => Promise<void> | void): Fault => ({
  name,
  meets: 'request',
  anyRequest: true,
  how,
});
const write = (name: string, how: (passage: Passage) => Promise<void> | void): Fault => ({
  ...request(name, how),
  anyRequest: false,
});

/** Before: the vendor never sees the request. */
const FRONT_FAULTS: readonly Fault[] = [500, 502, 503, 504].flatMap((status) => [
  request(`${status} before`, (p) => p.answer(html(p, status))),
  write(`${status} after`, async (p) => {
    await p.deliver();
    p.answer(html(p, status));
  }),
]);

export const FAULTS: readonly Fault[] = [
  request('none', async (p) => p.answer(await p.deliver())),
  { name: 'connection refused', meets: 'lookup', anyRequest: true, how: 'nobody' },
  { name: 'unknown host name', meets: 'lookup', anyRequest: true, how: 'unknown name' },
  { name: 'hang, unread', meets: 'connection', anyRequest: true, how: 'hang' },
  { name: 'reset, unread', meets: 'connection', anyRequest: true, how: 'reset' },
  request('hang before', () => {}),
  write('hang after', async (p) => {
    await p.deliver();
  }),
  request('reset before', (p) => p.reset()),
  write('reset after', async (p) => {
    await p.deliver();
    p.reset();
  }),
  request('reset in the answer', async (p) => p.cut(await p.deliver(), 0.5)),
  request('reset after the head', async (p) => p.cut(await p.deliver(), 0)),
  request('slow bytes', async (p) => p.dribble(await p.deliver(), 10)),
  request('truncated JSON', async (p) => {
    const answer = await p.deliver();
    p.answer({ ...answer, body: answer.body.slice(0, answer.body.length / 2) });
  }),
  request('HTML with 200, before', (p) => p.answer(html(p, 200))),
  write('HTML with 200, after', async (p) => {
    await p.deliver();
    p.answer(html(p, 200));
  }),
  request('empty 200, before', (p) => p.answer(p.front(200, ''))),
  write('empty 200, after', async (p) => {
    await p.deliver();
    p.answer(p.front(200, ''));
  }),
  write('empty object with 200, before', (p) => p.answer(p.front(200, '{}'))),
  write('another object with 200, after', async (p) => {
    await p.deliver();
    p.answer(p.front(200, '{"message":"accepted"}'));
  }),
  request('giant body', async (p) => {
    const answer = await p.deliver();
    p.answer({ ...answer, status: 200, body: answer.body.padEnd(RESPONSE_BODY_BYTES_MAX + 1) });
  }),
  request('wrong content type', async (p) => {
    const answer = await p.deliver();
    p.answer({ ...answer, headers: { ...answer.headers, 'content-type': 'text/plain' } });
  }),
  ...FRONT_FAULTS,
  request('503 with Retry-After', (p) =>
    p.answer(p.front(503, HTML, { 'content-type': 'text/html', 'retry-after': '1' })),
  ),
  request('429', (p) => p.answer(p.front(429, '{"message":"slow down"}'))),
  request('429 with Retry-After', (p) =>
    p.answer(p.front(429, '{"message":"slow down"}', { 'retry-after': '7' })),
  ),
  request('expired token', (p) => p.answer(p.expired())),
  write('delivered twice, first answer', async (p) => {
    const first = await p.deliver();
    await p.deliver();
    p.answer(first);
  }),
  {
    ...write('delivered twice, second answer', async (p) => {
      await p.deliver();
      p.answer(await p.deliver());
    }),
    isRepeated: true,
  },
  write('200 that ignored the write', async (p) => p.answer(await p.unwritten())),
];

const LATE: readonly Late[] = [
  'before the next read',
  'before the second read',
  'before the next write',
  'in the end',
];

/** The vendor sees the request after the gateway has given it up. */
export const LATE_FAULTS: readonly Fault[] = LATE.flatMap((when) => [
  write(`late, ${when}`, (p) => p.hold(when)),
  write(`504 and late, ${when}`, (p) => {
    p.hold(when);
    p.answer(html(p, 504));
  }),
]);

const ACCEPTED = '{"message":"accepted"}';
const REFUSED = '{"error":{"code":400,"message":"No."},"message":"No."}';

/** Answers that only a sequence of faults makes interesting. */
export const ANSWERS: readonly Fault[] = [
  ...[400, 409].map((status) =>
    write(`refused with ${status}`, (p) => p.answer(p.front(status, REFUSED))),
  ),
  write('303 before', (p) => p.answer(p.front(303, '', { location: '/login' }))),
  write('303 after', async (p) => {
    await p.deliver();
    p.answer(p.front(303, '', { location: '/login' }));
  }),
  write('202 before', (p) => p.answer(p.front(202, ACCEPTED))),
  write('202 after', async (p) => {
    await p.deliver();
    p.answer(p.front(202, ACCEPTED));
  }),
  ...LATE.map((when) =>
    write(`202 and late, ${when}`, (p) => {
      p.hold(when);
      p.answer(p.front(202, ACCEPTED));
    }),
  ),
  // A read by a copy of the profile that lags behind.
  write('old copy', async (p) => p.answer(await p.old())),
];

/** Senlin's own word for a request that waits in a queue. */
const QUEUED =
  '{"error":{"code":500,"title":"Internal Server Error","type":"MessagingTimeout","message":"Timed out waiting for a reply"}}';
export const QUEUED_FAULTS: readonly Fault[] = [
  write('queued, before', (p) => p.answer(p.front(500, QUEUED))),
  write('queued, after', async (p) => {
    await p.deliver();
    p.answer(p.front(500, QUEUED));
  }),
];

export function faultNamed(name: string): Fault {
  const fault = [...FAULTS, ...LATE_FAULTS, ...QUEUED_FAULTS, ...ANSWERS].find(
    (known) => known.name === name,
  );
  if (fault === undefined) throw new Error(`no fault is called ${name}`);
  return fault;
}
