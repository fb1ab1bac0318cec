import { isObject, type Json, type JsonObject, own } from '../../src/adapter-kit/json.ts';

/**
 * Ways in which a vendor is harder to work with than its documents: it stores a text in a form of
 * its own, answers a write otherwise than with the profile, or, where the documents leave that
 * open, takes a name twice, shows a new profile late, answers a missing profile with 404, or counts
 * the profiles of all pages.
 */
export const UNKINDNESSES = [
  'trimmed',
  'padded',
  'recased',
  'reformatted',
  'computed',
  'no_body',
  'accepted',
  'late_answer',
  'late_write',
  'twins',
  'late_reads',
  'missing_404',
  'whole_total',
] as const;
export type Unkindness = (typeof UNKINDNESSES)[number];

/** Settings of the unkind mode. */
export type Unkind = {
  /** Called for each request, so that it can be switched between two. */
  readonly modes: () => readonly Unkindness[];
  /** Wait of the two late modes; by default `LATE_MS`. */
  readonly wait?: () => Promise<void>;
};

/** Longer than the gateway waits for a vendor by default. */
const LATE_MS = 11_000;

/** Taken before a test can replace it: a request must not hang on a stopped clock. */
const startTimer = globalThis.setTimeout;

/** Time in which `late_reads` hides a new profile. */
const HIDDEN_MS = 50_000;

/** Reports whether `late_reads` still hides what was created at `createdMs`. */
export function isHiddenYet(unkind: Unkind | undefined, createdMs: number, nowMs: number): boolean {
  return nowMs < createdMs + HIDDEN_MS && unkind?.modes().includes('late_reads') === true;
}

type Fetch = (request: Request) => Response | Promise<Response>;

/** Wraps a sandbox: 2xx answers to writes come as the modes demand; reads and tokens do not. */
export function unkindFetch(unkind: Unkind | undefined, fetch: Fetch): Fetch {
  if (unkind === undefined) return fetch;
  const wait = unkind.wait ?? (() => new Promise((resolve) => startTimer(resolve, LATE_MS)));
  return async (request) => {
    const modes = isWrite(request) ? unkind.modes() : [];
    if (modes.includes('late_write')) await wait();
    const answer = await fetch(request);
    if (modes.includes('late_answer')) await wait();
    if (!answer.ok) return answer;
    if (modes.includes('accepted')) return Response.json({ status: 'queued' }, { status: 202 });
    return modes.includes('no_body') ? withoutBody(answer, request) : answer;
  };
}

function isWrite({ method, url }: Request): boolean {
  return method !== 'GET' && !/\/tokens?$/.test(new URL(url).pathname);
}

function withoutBody({ headers, status }: Response, { method }: Request): Response {
  const kept = [...headers].filter(([name]) => !name.startsWith('content-'));
  return new Response(null, { status: method === 'DELETE' ? 204 : status, headers: kept });
}

/**
 * Returns `after` as the vendor stores it: texts of `members` that differ from `before` take the
 * form that the modes demand. Enumerations must not be among the members.
 */
export function storedUnkindly<T extends JsonObject>(
  unkind: Unkind | undefined,
  members: readonly string[],
  before: JsonObject,
  after: T,
): T {
  const modes = unkind?.modes() ?? [];
  if (modes.length === 0) return after;
  const changed = members
    .filter((name) => own(after, name) !== undefined)
    .map((name) => [name, changedTexts(own(before, name), own(after, name) ?? null, modes)]);
  return { ...after, ...Object.fromEntries(changed) };
}

function changedTexts(before: Json | undefined, after: Json, modes: readonly Unkindness[]): Json {
  if (typeof after === 'string') return after === before ? after : inForm(after, modes);
  if (!isObject(after)) return after;
  const known = isObject(before) ? before : {};
  return Object.fromEntries(
    Object.entries(after).map(([key, value]) => [key, changedTexts(own(known, key), value, modes)]),
  );
}

function inForm(text: string, modes: readonly Unkindness[]): string {
  return modes.reduce((value, mode) => FORMS[mode]?.(value) ?? value, text);
}

/** Forms of a text, such as a column of fixed width, a display name, `1/2/2026` or NFD. */
const FORMS: Partial<Record<Unkindness, (text: string) => string>> = {
  trimmed: (text) => text.trim(),
  padded: (text) => `${text}  `,
  recased: (text) => text.toUpperCase(),
  reformatted: (text) => text.replace(/\b\d\b/g, '0$&').normalize('NFD'),
  computed: (text) => `computed from ${text.length} characters`,
};
