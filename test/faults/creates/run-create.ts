import { type JsonObject, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { FOLDERS, type startStage } from '../../integration/create/stage.ts';
import type { Answer } from '../../support/in-memory.ts';
import type { CreateCase } from './create-cases.ts';

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** Observations of a case, by the sandbox itself. */
export type CreateVerdict = {
  readonly first: string;
  readonly last: string;
  readonly reason: string | undefined;
  /** Claims that the sandbox contradicts, each as a sentence. */
  readonly wrong: readonly string[];
  /** Creates that the gateway sent beyond the first. */
  readonly resent: number;
};

const CREATE_PATHS = /\/(?:profiles|profile|v3\/projects)$/;

function isCreate({ method, url }: Request): boolean {
  return method === 'POST' && CREATE_PATHS.test(new URL(url).pathname);
}

function isSearch({ method, url }: Request): boolean {
  const { pathname, search } = new URL(url);
  return method === 'GET' && CREATE_PATHS.test(pathname) && search !== '';
}

/** Longest time after which the end of each create must be known: no vendor settles later. */
const RESOLVED_MS = 700_000;

/** Runs one case on a stage that others have used before. */
export async function runCreateCase(given: CreateCase, on: Stage): Promise<CreateVerdict> {
  const { body, fault, target } = given;
  const isOwn = (url: string): boolean => new URL(url).pathname.startsWith(`/${FOLDERS[target]}/`);
  const start = on.idsAt(target);
  const foreign = new Set<string>();
  const own = (): string[] =>
    on.idsAt(target).filter((id) => !start.includes(id) && !foreign.has(id));
  const addOther = (values: JsonObject): void => {
    const id = target.includes('iam') || target === 'keystone' ? hexId() : crypto.randomUUID();
    on.sandboxAt(target).seed(id, values);
    foreign.add(id);
  };
  if (given.other === 'an equal one before') addOther(otherOf(given, 'made'));
  if (given.other === 'another one before') addOther(otherOf(given, 'of another client'));

  const due: { atMs: number; deliver: () => Promise<unknown> }[] = [];
  let searches = 0;
  let creates = 0;
  let wasRefused = false;
  const deliverDue = async (): Promise<void> => {
    for (const late of due.filter(({ atMs }) => atMs <= on.now())) {
      due.splice(due.indexOf(late), 1);
      await late.deliver();
    }
  };
  on.stage.passage = async (request, deliver) => {
    await deliverDue();
    if (!isOwn(request.url)) return deliver();
    if (isSearch(request)) {
      const isBefore = creates === 0;
      if (!isBefore) searches += 1;
      if (isBefore ? given.failsBefore : searches <= given.failsAfter) throw new Error('reset');
    }
    if (!isCreate(request)) return deliver();
    if (!wasRefused) creates += 1;
    if (given.other === 'another one meanwhile') addOther(otherOf(given, 'of another client'));
    const answer = await fault.how({
      deliver,
      later: (ms) => due.push({ atMs: on.now() + ms, deliver }),
    });
    // What is sent again with a fresh token was not processed.
    wasRefused = answer.status === 401;
    return answer;
  };

  const headers = { 'idempotency-key': `case-${given.number}` };
  const first = await on.create(body, headers);
  const seen = [first];
  if (given.repeatsAtOnce) seen.push(await on.create(body, headers));
  const last = await resolved(on, body, headers);
  seen.push(last);
  on.advance(RESOLVED_MS);
  await deliverDue();
  on.stage.passage = undefined;
  const made = own();
  const wrong = seen.flatMap((answer) => wrongClaims(answer, made));
  if (made.length > 1 && fault.isTwice !== true) wrong.push(`${made.length} twins were made`);
  return {
    first: outcomeOf(first),
    last: outcomeOf(last),
    reason: ownText(last.body, 'reason'),
    wrong,
    resent: Math.max(0, creates - 1),
  };
}

/** Repeats the request until it is not under way any more. */
async function resolved(
  on: Stage,
  body: JsonObject,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const untilMs = on.now() + RESOLVED_MS;
  for (;;) {
    const answer = await on.create(body, headers);
    const isOpen = answer.status === 409 && ownText(answer.body, 'code') === 'request_in_progress';
    if (!isOpen || on.now() > untilMs) return answer;
    // The search goes on beside this.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((next) => setImmediate(next));
  }
}

export function outcomeOf({ body, status }: Answer): string {
  const known = ownText(ownObject(body, 'write') ?? body, 'outcome');
  return status === 409 && ownText(body, 'code') === 'request_in_progress'
    ? 'in progress'
    : (known ?? 'none');
}

/** Reasons that make an `unknown` honest. */
const REASONS = [
  'read_back_failed',
  'conflicting_value',
  'not_comparable',
  'unproven',
  'queued',
  'ambiguous',
];

function wrongClaims(answer: Answer, made: readonly string[]): string[] {
  const outcome = outcomeOf(answer);
  const said = (text: string): string[] => [`${outcome} (${answer.status}): ${text}`];
  switch (outcome) {
    case 'applied': {
      const id = ownText(ownObject(answer.body, 'profile'), 'upstreamId') ?? '';
      const isLocated = decodeURIComponent(answer.headers.get('location') ?? '').endsWith(id);
      if (answer.status !== 201 || !isLocated) return said('it has no place');
      return made.includes(id) ? [] : said(`${id} was not made by it, but ${made.join()}`);
    }
    case 'partial': {
      const place = decodeURIComponent(answer.headers.get('location') ?? '');
      return made.some((id) => place.endsWith(id)) ? [] : said('it shows another profile');
    }
    case 'rejected':
      return made.length === 0 ? [] : said(`${made.join()} was made (${answer.text})`);
    case 'unknown':
      return REASONS.includes(ownText(answer.body, 'reason') ?? '') ? [] : said('without a reason');
    case 'in progress':
      return [];
    default:
      return said(JSON.stringify(answer.body).slice(0, 300));
  }
}

function hexId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

/** Members of another client's profile of the same name, in the vendor's own form. */
function otherOf({ body, target }: CreateCase, description: string): JsonObject {
  const name = ownText(body, 'name') ?? '';
  const isEqual = description === 'made';
  switch (target) {
    case 'senlin-demo': {
      const { spec = {} } = ownObject(ownObject(body, 'extensions'), 'senlin') ?? {};
      return { name, ...(isEqual ? { spec, metadata: body.attributes ?? {} } : {}) };
    }
    case 'nerm-demo':
      return {
        name,
        status: isEqual ? 'Active' : 'Terminated',
        attributes: isEqual ? (body.attributes ?? {}) : {},
      };
    case 'naver-demo':
      return {
        name,
        description: isEqual ? (body.description ?? '') : description,
        enabled: body.status === 'active',
        roleNrnList: [],
      };
    default:
      return { name, description: isEqual ? (body.description ?? '') : description };
  }
}
