/** The way of a create to its vendor. */
export type CreatePassage = {
  /** Hands the request to the vendor; its answer. */
  readonly deliver: () => Promise<Response>;
  /** Hands it over once the clock has moved on so far, to nobody who waits. */
  readonly later: (ms: number) => void;
};

export type CreateFault = {
  readonly name: string;
  /** The vendor gets the request twice, which no gateway can prevent. */
  readonly isTwice?: true;
  readonly how: (passage: CreatePassage) => Promise<Response> | Response;
};

const HTML = '<!doctype html><title>Sorry</title><p>The service is resting.</p>';

function html(status: number): Response {
  return new Response(HTML, { status, headers: { 'content-type': 'text/html' } });
}

function reset(): never {
  throw new Error('reset');
}

/** Before: the vendor never sees the request. After: it has processed it. */
const OF_FRONTS: readonly CreateFault[] = [500, 502, 503, 504].flatMap((status) => [
  { name: `${status} before`, how: () => html(status) },
  {
    name: `${status} after`,
    how: async ({ deliver }) => {
      await deliver();
      return html(status);
    },
  },
]);

const OF_SUCCESSES: readonly CreateFault[] = [
  ['HTML with 200', () => html(200)],
  ['empty 200', () => new Response('', { status: 200 })],
  ['empty object with 200', () => Response.json({})],
  ['202', () => Response.json({ status: 'queued' }, { status: 202 })],
].flatMap(([name, answer]): CreateFault[] => {
  const respond = answer as () => Response;
  return [
    { name: `${name} before`, how: respond },
    {
      name: `${name} after`,
      how: async ({ deliver }) => {
        await deliver();
        return respond();
      },
    },
  ];
});

/** Within the time in which each vendor's create settles. */
const LATE_MS = [200, 3_000, 12_000, 25_000];

const LATE: readonly CreateFault[] = LATE_MS.flatMap((ms) => [
  {
    name: `reset, and delivered ${ms} ms later`,
    how: ({ later }) => {
      later(ms);
      return reset();
    },
  },
  {
    name: `504, and delivered ${ms} ms later`,
    how: ({ later }) => {
      later(ms);
      return html(504);
    },
  },
]);

export const CREATE_FAULTS: readonly CreateFault[] = [
  { name: 'none', how: ({ deliver }) => deliver() },
  { name: 'reset before', how: reset },
  {
    name: 'reset after',
    how: async ({ deliver }) => {
      await deliver();
      return reset();
    },
  },
  {
    name: 'truncated JSON',
    how: async ({ deliver }) => {
      const answer = await deliver();
      const text = await answer.text();
      const { headers, status } = answer;
      return new Response(text.slice(0, text.length / 2), { status, headers });
    },
  },
  {
    name: 'delivered twice',
    isTwice: true,
    how: async ({ deliver }) => {
      await deliver();
      return deliver();
    },
  },
  {
    name: 'delivered twice, and no answer',
    isTwice: true,
    how: async ({ deliver }) => {
      await deliver();
      await deliver();
      return reset();
    },
  },
  ...OF_FRONTS,
  ...OF_SUCCESSES,
  ...LATE,
];
