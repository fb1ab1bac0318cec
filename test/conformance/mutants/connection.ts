import {
  type Authorization,
  type Connection,
  type Fault,
  type FaultCode,
  type HttpRequest,
  isObject,
  type Json,
  type JsonObject,
  parseExact,
} from '../../../src/adapter-kit/index.ts';
import { spellings } from '../bench.ts';
import {
  withBefore,
  withChanges,
  withCredentials,
  withFaults,
  withOrder,
  withRequests,
  withSteps,
  withWritten,
} from './wrapping.ts';

/** A slip in what one vendor's connection does. */
export type ConnectionMutant = {
  readonly kind: string;
  readonly name: string;
  readonly slip: (connection: Connection) => Connection;
};

/** Codes by which vendors' answers are told, each beside the one it is taken for. */
const CODES: readonly FaultCode[] = [
  'profile_not_found',
  'conflict',
  'rejected_by_target',
  'target_unauthorized',
  'target_forbidden',
  'target_misconfigured',
  'target_invalid_response',
  'target_unavailable',
  'target_rate_limited',
  'target_timeout',
];
const EFFECTS = ['none', 'possible', 'queued'] as const;

/** Slips that every connection can have; `sent` are requests that the vendor's own one sent. */
export function connectionMutants(
  connection: Connection,
  sent: readonly HttpRequest[],
): ConnectionMutant[] {
  const all = [
    ...readMutants(),
    ...writeMutants(),
    ...bodyMutants(sent),
    ...headerMutants(sent),
    ...signMutants(connection.authorization),
    ...faultMutants(),
    ...secretMutants(connection),
  ];
  return all.map(([kind, name, slip]) => ({ kind, name: `${kind}: ${name}`, slip }));
}

type Slip = readonly [kind: string, name: string, slip: (c: Connection) => Connection];

/** All wrappers without a slip: the checks must hold with them, or the mutants prove nothing. */
export function unharmed(connection: Connection): Connection {
  const wrappers: readonly ((c: Connection) => Connection)[] = [
    (c) => withRequests(c, (request) => request),
    (c) => withFaults(c, (fault) => fault),
    (c) => withSteps(c, (step) => step),
    (c) => withWritten(c, (written) => written),
    (c) => withChanges(c, (changes) => changes),
    (c) => withBefore(c, (before) => before),
    (c) => withOrder(c, (steps) => steps),
    (c) => ({ ...c, authorization: withCredentials(c.authorization, 'GET', (own) => own) }),
  ];
  return wrappers.reduce((wrapped, wrap) => wrap(wrapped), connection);
}

function readMutants(): Slip[] {
  const read = 'read skipped';
  return [
    [read, 'needsRead never', (c) => ({ ...c, requiresRead: () => false })],
    [
      read,
      'needsRead turned',
      (c) => ({ ...c, requiresRead: (changes) => !c.requiresRead(changes) }),
    ],
    [read, 'write without before', (c) => withBefore(c, () => undefined)],
    [
      read,
      'write over an empty profile',
      (c) => withBefore(c, (before) => before && { ...before, content: {} }),
    ],
    ['refusals', 'any id taken', (c) => ({ ...c, validateId: () => undefined })],
    ['refusals', 'no id taken', (c) => ({ ...c, validateId: () => 'another id' })],
    ['refusals', 'nothing refined', (c) => ({ ...c, preflight: () => [] })],
  ];
}

function writeMutants(): Slip[] {
  const kind = 'write';
  return [
    [kind, 'steps reversed', (c) => withOrder(c, (steps) => steps.toReversed())],
    [kind, 'last step left out', (c) => withOrder(c, (steps) => steps.slice(0, -1))],
    [kind, 'a key at a time', (c) => withChanges(c, (changes) => changes.slice(0, 1))],
    [kind, 'steps carry nothing', (c) => withSteps(c, (step) => ({ ...step, pointers: [] }))],
    [kind, 'steps show nothing', (c) => withSteps(c, ({ parseProfile: _shows, ...step }) => step)],
    [kind, 'answer not shown', (c) => withWritten(c, (w) => ({ ...w, profile: undefined }))],
    [kind, 'noop not told', (c) => withWritten(c, ({ profile }) => ({ profile: profile }))],
    [kind, 'noop always told', (c) => withWritten(c, (written) => ({ ...written, noop: true }))],
    [
      kind,
      'content not shown',
      (c) => withWritten(c, (w) => ({ ...w, profile: w.profile && { ...w.profile, content: {} } })),
    ],
    [kind, 'PUT for PATCH', (c) => withRequests(c, methodFor('PATCH', 'PUT'))],
    [kind, 'POST for PATCH', (c) => withRequests(c, methodFor('PATCH', 'POST'))],
    [kind, 'path with a slash', (c) => withRequests(c, (r) => ({ ...r, path: `${r.path}/` }))],
  ];
}

function methodFor(from: string, to: HttpRequest['method']) {
  return (request: HttpRequest): HttpRequest =>
    request.method === from ? { ...request, method: to } : request;
}

/** Each member that the bodies of writes have, left out. */
function bodyMutants(sent: readonly HttpRequest[]): Slip[] {
  const names = new Set(sent.flatMap(({ body }) => memberNames(parseExact(body ?? ''))));
  return [...names].map((name) => [
    'body member dropped',
    name,
    (c) => withRequests(c, (request) => withoutMember(request, name)),
  ]);
}

function memberNames(body: Json | undefined): string[] {
  if (!isObject(body)) return [];
  return Object.entries(body).flatMap(([name, value]) => [
    name,
    ...(isObject(value) ? Object.keys(value) : []),
  ]);
}

function withoutMember(request: HttpRequest, name: string): HttpRequest {
  const body = parseExact(request.body ?? '');
  if (!isObject(body)) return request;
  const drop = (object: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(object)
        .filter(([key]) => key !== name)
        .map(([key, value]) => [key, isObject(value) ? drop(value) : value]),
    );
  return { ...request, body: JSON.stringify(drop(body)) };
}

function headerMutants(sent: readonly HttpRequest[]): Slip[] {
  const seen = new Map<string, [method: string, header: string]>();
  for (const { headers, method } of sent) {
    for (const name of Object.keys(headers)) seen.set(`${method} ${name}`, [method, name]);
  }
  return [...seen].map(([title, [method, header]]) => [
    'header dropped',
    title,
    (c) => {
      const drop = (headers: Readonly<Record<string, string>>): Record<string, string> =>
        Object.fromEntries(Object.entries(headers).filter(([name]) => name !== header));
      const slipped = withRequests(c, (request) =>
        request.method === method ? { ...request, headers: drop(request.headers) } : request,
      );
      return { ...slipped, authorization: withCredentials(slipped.authorization, method, drop) };
    },
  ]);
}

type Sign = Extract<Authorization, { kind: 'signature' }>['sign'];

function signMutants(authorization: Authorization): Slip[] {
  if (authorization.kind !== 'signature') return [];
  const signing = (name: string, change: (sign: Sign) => Sign): Slip => [
    'signature',
    name,
    (c) => {
      if (c.authorization.kind !== 'signature') return c;
      return { ...c, authorization: { ...c.authorization, sign: change(c.authorization.sign) } };
    },
  ];
  const over = (name: string, change: (request: HttpRequest) => HttpRequest): Slip =>
    signing(`over ${name}`, (sign) => (request, context) => sign(change(request), context));
  return [
    over('another path', (request) => ({ ...request, path: `${request.path}x` })),
    over('no path', (request) => ({ ...request, path: '/' })),
    over('another method', (r) => ({ ...r, method: r.method === 'GET' ? 'PATCH' : 'GET' })),
    over('another origin', (request) => ({ ...request, origin: 'https://other.test' })),
    over('no body', ({ body: _body, ...request }) => request),
    over('no headers', (request) => ({ ...request, headers: {} })),
    signing(
      'a second later',
      (sign) => (request, context) => sign(request, { ...context, nowMs: context.nowMs + 1000 }),
    ),
  ];
}

function faultMutants(): Slip[] {
  const codes = CODES.map((code, index): Slip => {
    const taken = CODES[(index + 1) % CODES.length] ?? code;
    const change = (fault: Fault): Fault =>
      fault.code === code ? { ...fault, code: taken } : fault;
    return ['fault code', `${taken} for ${code}`, (c) => withFaults(c, change)];
  });
  const effects = EFFECTS.flatMap((effect) =>
    EFFECTS.filter((taken) => taken !== effect).map((taken): Slip => {
      const change = (fault: Fault): Fault =>
        fault.effect === effect ? { ...fault, effect: taken } : fault;
      return ['fault effect', `${taken} for ${effect}`, (c) => withFaults(c, change)];
    }),
  );
  const without = (['upstream', 'retryAfterSeconds'] as const).map((member): Slip => {
    const change = ({ [member]: _gone, ...fault }: Fault): Fault => fault;
    return ['fault member', `without ${member}`, (c) => withFaults(c, change)];
  });
  const told = (['code', 'message', 'requestId'] as const).map((member): Slip => {
    const change = (fault: Fault): Fault => {
      if (fault.upstream === undefined) return fault;
      const { [member]: _gone, ...upstream } = fault.upstream;
      return { ...fault, upstream };
    };
    return ['fault member', `without upstream ${member}`, (c) => withFaults(c, change)];
  });
  return [...codes, ...effects, ...without, ...told];
}

/** Secrets in what callers are told, in every spelling, and secrets that the core never learns. */
function secretMutants(connection: Connection): Slip[] {
  const places: readonly (readonly [string, (fault: Fault, said: string) => Fault])[] = [
    ['detail', (fault, said) => ({ ...fault, detail: `${fault.detail} ${said}` })],
    ...(['message', 'code', 'requestId'] as const).map(
      (member) =>
        [
          member,
          (fault: Fault, said: string): Fault => ({
            ...fault,
            upstream: { status: 500, ...fault.upstream, [member]: said },
          }),
        ] as const,
    ),
  ];
  const named = connection.secrets.map(({ name }) => name);
  const told = [...named, ...(connection.authorization.kind === 'token' ? ['token'] : [])];
  return [
    ...named.map(
      (name): Slip => [
        'secret',
        `${name} not declared`,
        (c) => ({ ...c, secrets: c.secrets.filter((secret) => secret.name !== name) }),
      ],
    ),
    ...told.flatMap((name) =>
      places.flatMap(([place, tell]) =>
        [0, 1, 2, 3, 4].map(
          (spelling): Slip => [
            'secret',
            `${name} in ${place}, spelling ${spelling + 1}`,
            (c) => telling(c, name, (fault, value) => tell(fault, spelled(value, spelling))),
          ],
        ),
      ),
    ),
  ];
}

function spelled(value: string, spelling: number): string {
  const all = spellings(value);
  return `told: ${all[Math.min(spelling, all.length - 1)] ?? value}`;
}

/** Failures after the secret is known tell it; a token is known once it was acquired. */
function telling(
  connection: Connection,
  name: string,
  tell: (fault: Fault, value: string) => Fault,
): Connection {
  let known = connection.secrets.find((secret) => secret.name === name)?.value;
  const slipped = withFaults(connection, (fault) =>
    known === undefined ? fault : tell(fault, known),
  );
  const authorization = withCredentials(slipped.authorization, '', (headers) => {
    if (name === 'token') known = Object.values(headers)[0]?.replace(/^Bearer /, '');
    return headers;
  });
  return { ...slipped, authorization };
}
