import type { Adapter } from '../../src/adapter-kit/index.ts';
import { BOUNDARIES } from './boundaries.ts';
import { golden } from './bytes.ts';
import { PALETTES } from './palette.ts';
import { CASES_REQUIRED, recordings } from './recorded.ts';
import { subjects } from './subjects.ts';

/// <reference types="vite/types/importMeta.d.ts" />

const readmes = import.meta.glob<string>('../../adapters/*/README.md', {
  eager: true,
  import: 'default',
  query: '?raw',
});

/** What a new vendor lacks, in the order of `docs/adapters.md`; empty for a complete one. */
export function missingOf({ docs, fieldSets, vendor }: Adapter): string[] {
  const folder = `adapters/${vendor}`;
  const readme = readmes[`../../${folder}/README.md`] ?? '';
  const fields = fieldSets.flatMap((set) => set.fields);
  const tried = subjects.filter((subject) => subject.vendor === vendor);
  const cases = recordings.filter((recording) => recording.vendor === vendor);
  const absent = CASES_REQUIRED.filter((name) => !cases.some((found) => found.name === name));
  const limited = fields.filter(({ access, limits }) => access !== 'read_only' && limits?.length);
  const titles = tried.map(({ title }) => title);
  const bounded = BOUNDARIES.filter(({ subjects: all }) => all.some((at) => titles.includes(at)));
  const unbounded = limited
    .map(({ pointer }) => pointer)
    .filter((at) => !bounded.some(({ pointer }) => pointer === at));
  const steps: readonly (readonly [boolean, string])[] = [
    [
      readme === '' || readme.includes('made from a template'),
      `${folder}/README.md: write which documents of the vendor state which rule`,
    ],
    [
      docs === `https://docs.example.com/${vendor}`,
      `${folder}/index.ts: put the address of the vendor's documents into docs`,
    ],
    [fields.length === 0, `${folder}/fields.ts: declare the fields; there is none`],
    [
      absent.length > 0,
      `${folder}/fixtures: record a conversation for each of ${absent.join(', ')}`,
    ],
    [tried.length === 0, `${folder}/sandbox/index.ts: add a demo; without one no law is tried`],
    [
      !Object.hasOwn(PALETTES, vendor),
      `test/conformance/palette.ts: add values that the sandbox accepts for ${vendor}`,
    ],
    [
      unbounded.length > 0,
      'test/conformance/boundaries.ts: add the first and last accepted values of ' +
        `${[...new Set(unbounded)].join(', ')}, from the documents once more`,
    ],
    [
      golden[`./golden/${vendor}.json`] === undefined,
      'run npx vitest run --project node test/conformance/golden --update, and read ' +
        `test/conformance/golden/${vendor}.json`,
    ],
  ];
  return steps.flatMap(([isMissing, step]) => (isMissing ? [step] : []));
}
