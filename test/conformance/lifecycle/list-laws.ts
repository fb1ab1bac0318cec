import { expect } from 'vitest';
import {
  isList,
  type Json,
  type JsonObject,
  type ListFilter,
  limitBroken,
  mergePatch,
  pointerTokens,
  valueAt,
} from '../../../src/adapter-kit/index.ts';
import { codeOf } from '../bench.ts';
import { FILTERS, type FilterCase } from './cases.ts';
import type { Law } from './create-laws.ts';
import { make, NAME } from './new-profiles.ts';
import { createStage, itemsOf, profileOf, type Stage, upstreamIdOf, walk } from './stage.ts';
import type { LifecycleSubject } from './subjects.ts';

/** The laws of lists. */
export function listLaws({ declared }: LifecycleSubject): Law[] {
  const { list } = declared;
  if (list === undefined) return [];
  return [
    { title: 'an item is what a read shows, less what is omitted', hold: showsItems },
    { title: 'a walk ends and lists each profile once', hold: listsOnce },
    ...list.filters.map((filter) => ({
      title: `the filter ${filter.name} lists what meets it, and nothing else`,
      hold: (subject: LifecycleSubject) => filters(subject, filter),
    })),
    { title: 'what no declaration has is refused before anything is sent', hold: refuses },
    ...(list.completeness === 'stable'
      ? [{ title: 'a walk lists what stays once while markers go', hold: survivesDeletes }]
      : []),
  ];
}

/** Profiles of a walk: more than fit into a few pages, with names near each other. */
const NAMES = [
  NAME,
  ...Array.from({ length: 8 }, (_, i) => `${NAME}${i}`),
  NAME.replace('made', 'MADE'),
];

async function fill(stage: Stage): Promise<readonly string[]> {
  const ids = [];
  for (const name of NAMES) ids.push(await make(stage, name));
  return ids;
}

async function showsItems(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const [id = ''] = await fill(stage);
  const { items, pages } = await walk(stage, {});
  expect(items.map(upstreamIdOf)).toContain(id);
  const { omitted } = pages[0]?.body ?? {};
  const without = (isList(omitted) ? omitted : []).map((pointer) => removal(String(pointer)));
  for (const item of items) {
    const read = await stage.read(upstreamIdOf(item));
    expect(read.status).toBe(200);
    expect(item).toEqual(without.reduce<Json>(mergePatch, read.body.profile ?? null));
  }
  // What is omitted is shown by reads, or nobody would miss it.
  expect(omitted).toEqual(subject.declared.list?.omitted);
}

/** The merge patch that takes a member away. */
function removal(pointer: string): Json {
  return pointerTokens(pointer).reduceRight<Json>((inner, token) => ({ [token]: inner }), null);
}

async function listsOnce(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const made = await fill(stage);
  const { list } = stage.connection;
  const { pageSizeMax = 0 } = list ?? {};
  let all: readonly string[] | undefined;
  for (const limit of [1, 3, made.length, pageSizeMax]) {
    const { code, items, pages } = await walk(stage, { limit: String(limit) });
    expect(code).toBeUndefined();
    const ids = items.map(upstreamIdOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(made.filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => stage.sandbox.stored(id) === undefined)).toEqual([]);
    if (list?.ignoresLimit !== true) {
      for (const page of pages) expect(itemsOf(page).length).toBeLessThanOrEqual(limit);
    }
    const sorted = ids.toSorted();
    all ??= sorted;
    expect(sorted).toEqual(all);
  }
}

async function survivesDeletes(subject: LifecycleSubject): Promise<void> {
  // Every 3rd stays; those around the place that the walk has reached are deleted.
  for (const limit of [1, 2, 4]) {
    const stage = await createStage(subject);
    const made = await fill(stage);
    const staying = made.filter((_, i) => i % 3 === 0);
    let reached = 0;
    const { code, items } = await walk(stage, { limit: String(limit) }, (page) => {
      reached += page.length;
      for (const id of page.map(upstreamIdOf).concat(made.slice(0, reached))) {
        if (made.includes(id) && !staying.includes(id)) stage.sandbox.outsideRemove?.(id);
      }
    });
    expect(code).toBeUndefined();
    const ids = items.map(upstreamIdOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(staying.filter((id) => !ids.includes(id))).toEqual([]);
  }
}

async function filters(subject: LifecycleSubject, filter: ListFilter): Promise<void> {
  const stage = await createStage(subject);
  await fill(stage);
  const known = FILTERS.find(
    ({ name, vendor }) => vendor === subject.vendor && name === filter.name,
  );
  const { pointer } = filter;
  if (pointer === undefined && known === undefined) {
    throw new Error(`lifecycle/cases.ts: add what ${filter.name} compares`);
  }
  const profiles = await storedProfiles(stage, known);
  const values = known?.values ?? wantedValues(filter, profiles);
  let found = 0;
  for (const value of values) {
    const meets = ({ content, stored }: Stored): boolean =>
      known === undefined
        ? textOf(valueAt(content, pointer ?? '')) === value
        : known.matches(stored, value);
    const expected = profiles.filter(meets).map(({ id }) => id);
    for (const limit of ['2', '50']) {
      const { code, items } = await walk(stage, { [filter.name]: value, limit });
      expect(code, value).toBeUndefined();
      expect(items.map(upstreamIdOf).toSorted(), value).toEqual(expected);
    }
    found += expected.length;
  }
  expect(found).toBeGreaterThan(0);
}

/** A profile as a read shows it, and as it is stored. */
type Stored = { readonly id: string; readonly content: JsonObject; readonly stored: JsonObject };

/** Every profile that is listed, and those that a filter alone shows. */
async function storedProfiles(stage: Stage, known: FilterCase | undefined) {
  const ids = (await walk(stage, {})).items.map(upstreamIdOf).toSorted();
  if (known !== undefined) {
    // Another client changes some of them.
    const changed = ids.filter((_, i) => i % 4 === 1);
    for (const id of changed) stage.sandbox.outsideWrite(id, known.stored);
    return stage.ids().map((id): Stored => {
      return { id, content: {}, stored: stage.sandbox.stored(id) ?? {} };
    });
  }
  const profiles: Stored[] = [];
  for (const id of ids) {
    profiles.push({ id, content: profileOf(await stage.read(id)), stored: {} });
  }
  return profiles;
}

/** Values that profiles have, and some near them. */
function wantedValues(filter: ListFilter, profiles: readonly Stored[]): readonly string[] {
  if (filter.values !== undefined) return filter.values;
  const { pointer = '' } = filter;
  const shown = profiles.map(({ content }) => textOf(valueAt(content, pointer)) ?? '');
  const texts = [...new Set(shown)].filter((text) => text !== '');
  const [first = ''] = texts;
  const own = texts.includes(NAME) ? [NAME, `${NAME}1`] : texts.slice(0, 3);
  const near = [...own, first.toUpperCase(), first.slice(0, -1), `${NAME}99`];
  return [...new Set(near)].filter(
    (text) => text !== '' && limitBroken(filter.limits, text) === undefined,
  );
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined;
}

async function refuses(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const { filters: declared = [], pageSizeMax = 0 } = subject.declared.list ?? {};
  const queries: Readonly<Record<string, string>>[] = [
    { no_such_filter: 'x' },
    { limit: '0' },
    { limit: String(pageSizeMax + 1) },
    ...declared.map(({ name }) => ({ [name]: 'a\u0000' })),
    ...declared.flatMap(({ name, values }) => (values ? [{ [name]: 'no_such_value' }] : [])),
    ...declared.flatMap(({ limits, name }) =>
      ['!', 'x'.repeat(256)]
        .filter((text) => limitBroken(limits, text) !== undefined)
        .map((text) => ({ [name]: text })),
    ),
  ];
  for (const query of queries) {
    const answer = await stage.list(query);
    expect([answer.status, codeOf(answer)], JSON.stringify(query)).toEqual([400, 'invalid_filter']);
  }
  expect(stage.sent).toEqual([]);
}
