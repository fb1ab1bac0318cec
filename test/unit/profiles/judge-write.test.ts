import { describe, expect, test } from 'vitest';
import { indexFields } from '../../../src/adapter-kit/field.ts';
import { enumeration, type StoredProfile } from '../../../src/adapter-kit/index.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { judge } from '../../../src/profiles/judge-write.ts';
import { profileHash } from '../../../src/profiles/write-record.ts';
import type { Exchange } from '../../../src/upstream/exchange.ts';
import { plan } from '../../../src/writes/plan.ts';
import { createValueHash, hashKeyId } from '../../../src/writes/value-hash.ts';
import { intended } from '../../../src/writes/write-intent.ts';
import { fieldOf } from '../../support/fields.ts';

const FIELDS = indexFields([
  fieldOf({ pointer: '/name', wireName: 'name' }),
  fieldOf({
    pointer: '/status',
    wireName: 'status',
    codec: enumeration({ active: true, inactive: false }),
    step: 'status',
  }),
]);
const hashOf = createValueHash(nodeDigests, 'a-hash-key-that-is-not-real');

/** The vendor changed the profile shortly before the write, so that its clock proves nothing. */
const CLOCK_MS = Date.parse('2026-03-01T12:00:00Z');
const UPDATED_AT = new Date(CLOCK_MS - 10_000).toISOString();
const exchange = {
  target: { fields: FIELDS },
  ports: { monotonicMs: () => 1_000 },
  lastAnswer: { date: new Date(CLOCK_MS).toUTCString(), atMs: 1_000 },
} as unknown as Exchange;

const shown = (name: string, status: string): StoredProfile => ({
  upstreamId: 'one',
  content: { name, status, updatedAt: UPDATED_AT },
});

/** Judges a write of both members, by what is shown and what was read before it. */
async function judged(
  after: StoredProfile,
  before: StoredProfile | undefined,
  accepted: readonly string[] = [],
) {
  const members = ['name', 'status'].filter((member) => !accepted.includes(`/${member}`));
  const entries = members.map((member) => ({
    pointer: `/${member}`,
    fieldPointer: `/${member}`,
    value: member === 'name' ? 'new' : 'inactive',
  }));
  const { changes } = plan(entries, FIELDS, 'strict');
  const intent = {
    hashKeyId: await hashKeyId(hashOf),
    changes: await Promise.all(changes.map((change) => intended(change, before, hashOf))),
    ...(before && { before: await profileHash(before, hashOf) }),
    accepted: [...accepted],
  };
  return judge({ intent, ageMs: 500, inDoubtMs: 0 }, { exchange, profile: after }, hashOf);
}

describe('a write of two steps of which the profile shows one', () => {
  test('was made in part where the profile has changed since it was read', async () => {
    const end = await judged(shown('old', 'inactive'), shown('old', 'active'));
    expect(end).toMatchObject({
      outcome: 'partial',
      applied: ['/status'],
      notApplied: ['/name'],
    });
  });

  test('was made in part where what was sent again changed nothing', async () => {
    const end = await judged(shown('new', 'active'), shown('new', 'active'), ['/name']);
    expect(end).toMatchObject({
      outcome: 'partial',
      applied: ['/name'],
      notApplied: ['/status'],
    });
  });

  test('was not made where the profile is as it was read', async () => {
    const end = await judged(shown('old', 'inactive'), shown('old', 'inactive'));
    expect(end).toMatchObject({ outcome: 'rejected', notApplied: ['/name', '/status'] });
  });

  test('is unknown where it was not read: the value may have been there before', async () => {
    const end = await judged(shown('old', 'inactive'), undefined);
    expect(end).toMatchObject({ outcome: 'unknown', reason: 'conflicting_value' });
  });
});
