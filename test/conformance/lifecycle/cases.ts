import { SEEDED } from '../../../adapters/iam/sandbox/projects.ts';
import { type Json, type JsonObject, own } from '../../../src/adapter-kit/index.ts';
import { SEEDED_ID } from '../fifth-vendor/acme/sandbox/index.ts';

/** Rules of vendors that no declaration has, once more from their documents. */

/** Members of a new profile that the vendor would not take together. */
export const UNFIT: readonly {
  /** Titles of the subjects. */
  readonly of: readonly string[];
  readonly pointer: string;
  readonly members: JsonObject;
}[] = [
  ...[{ version: '1.0', properties: {} }, { type: 'os.heat.stack', properties: {} }, 'spec'].map(
    (spec) => ({
      of: ['senlin'],
      pointer: '/extensions/senlin/spec',
      members: { extensions: { senlin: { spec } } },
    }),
  ),
  ...['made', '_made'].map((name) => ({
    of: ['iam', 'iam (otc, access key)'],
    pointer: '/name',
    members: { name },
  })),
];

/** Profiles of a sandbox that are not deleted, which is known before anything is sent. */
export const KEPT: readonly {
  readonly of: readonly string[];
  readonly id: string;
  /** Members that the vendor has stored. */
  readonly stored?: JsonObject;
}[] = [
  ...[SEEDED.regionDefault, SEEDED.objectStorage].map((id) => ({
    of: ['iam', 'iam (otc, access key)'],
    id,
  })),
  { of: ['acme'], id: SEEDED_ID, stored: { state: 90 } },
];

/** Members that hide a new profile from reads. */
export const HIDING: readonly { readonly pointer: string; readonly value: Json }[] = [
  { pointer: '/extensions/nerm/archived', value: true },
];

/** A filter that compares what no canonical profile shows. */
export type FilterCase = {
  readonly vendor: string;
  readonly name: string;
  readonly values: readonly string[];
  /** What another client stores in some profiles, so that there is something to be found. */
  readonly stored: JsonObject;
  readonly matches: (stored: JsonObject, value: string) => boolean;
};

export const FILTERS: readonly FilterCase[] = [
  {
    vendor: 'nerm',
    name: 'extensions.nerm.archived',
    values: ['true', 'false'],
    stored: { archived: true },
    matches: (stored, value) => own(stored, 'archived') === (value === 'true'),
  },
  {
    vendor: 'nerm',
    name: 'extensions.nerm.updated_after',
    values: ['2026-02-27', '2026-04-01', '2030-01-01'],
    stored: { updated_at: '2026-05-01T00:00:00.000Z' },
    matches: (stored, value) =>
      own(stored, 'archived') === false && String(own(stored, 'updated_at')).slice(0, 10) > value,
  },
  {
    vendor: 'iam',
    name: 'extensions.iam.tags',
    values: ['blue', 'blue,old', 'none'],
    stored: { tags: ['blue', 'old'] },
    matches: (stored, value) => value.split(',').every((tag) => hasTag(own(stored, 'tags'), tag)),
  },
];

function hasTag(tags: Json | undefined, wanted: string): boolean {
  return Array.isArray(tags) && tags.includes(wanted);
}
