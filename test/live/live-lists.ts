import { expect } from 'vitest';
import type { Answer, LiveGateway, Loose } from './live-gateway.ts';

/** Requests to a real server at once. */
const PARALLEL = 8;
/** Pages that no walk of a test has. */
const PAGES_MAX = 10_000;

export function profilesOf({ body, status, text }: Answer): readonly Loose[] {
  expect(status, text).toBe(200);
  return Array.from({ length: Number(body.profiles?.length) }, (_, i) => body.profiles?.[i] ?? {});
}

/** The names of the filters that a target declares. */
export async function filtersOf(live: LiveGateway, target: string): Promise<readonly string[]> {
  const { body } = await live.get(`/capabilities/${target}`);
  const filters = body.operations?.list?.filters ?? {};
  return Object.values(filters)
    .map(({ name }) => String(name))
    .toSorted();
}

export const idsOf = (answer: Answer): readonly string[] =>
  profilesOf(answer).map(({ upstreamId }) => String(upstreamId));

/** Does some work many times, `PARALLEL` at once. */
export async function times<T>(length: number, work: (i: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let from = 0; from < length; from += PARALLEL) {
    const size = Math.min(PARALLEL, length - from);
    done.push(...(await Promise.all(Array.from({ length: size }, (_, i) => work(from + i)))));
  }
  return done;
}

/** Reads all pages, and returns their ids; `between` runs with each page before the next. */
export async function walk(
  live: LiveGateway,
  target: string,
  query: string,
  between: (page: readonly string[]) => Promise<void>,
): Promise<{ readonly ids: readonly string[]; readonly pages: number }> {
  const ids: string[] = [];
  let cursor = '';
  for (let pages = 1; pages <= PAGES_MAX; pages += 1) {
    const answer = await live.list(target, query + cursor);
    const page = idsOf(answer);
    ids.push(...page);
    const { next } = answer.body;
    if (next === undefined) return { ids, pages };
    cursor = `&cursor=${encodeURIComponent(String(next))}`;
    await between(page);
  }
  throw new Error(`more than ${PAGES_MAX} pages`);
}

/** Counts how often each of `wanted` is in `ids`. */
export function occurrences(ids: readonly string[], wanted: readonly string[]): readonly number[] {
  const counts = Map.groupBy(ids, (id) => id);
  return wanted.map((id) => counts.get(id)?.length ?? 0);
}
