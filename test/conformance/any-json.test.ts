import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { isObject, type JsonObject, own, stableText } from '../../src/adapter-kit/index.ts';
import { runs } from '../support/counts.ts';
import { anyJson, type Member, memberOf, membersOf, patchOf, text } from './arbitraries.ts';
import { codeOf, deepFreeze } from './bench.ts';
import { seedProperties } from './environment.ts';
import { expectTyped, leewayOf, wasTaken } from './judged.ts';
import { createHarness, fieldsOf, type Harness, subjects } from './subjects.ts';

seedProperties('any JSON');

/** Bodies as no serialiser writes them. */
const bodyText = fc.oneof(
  anyJson.map((value) => JSON.stringify(value)),
  fc.constantFrom('', '{', 'null', '[]', '{"name":1e999}', '{"name":"a","name":"b"}', '\u0000'),
  fc.constantFrom(33, 40_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.constantFrom('{"attributes":{"a":1e400}}', '{"attributes":{"__proto__":{"a":1}}}'),
  text,
);
const prefer = fc.constantFrom('handling=strict', 'handling=lenient', 'atomic');

describe.each(subjects)('$title', (subject) => {
  const fields = fieldsOf(subject);
  const writable = fields.filter(({ access }) => access !== 'read_only');
  const maps = writable.filter(({ map }) => map !== undefined);
  const leeway = leewayOf(subject.title, fields);
  let harness: Harness;
  beforeAll(async () => {
    harness = await createHarness(subject);
  });

  test('6: any body gives a value or a typed refusal', async () => {
    await fc.assert(
      fc.asyncProperty(bodyText, prefer, async (patch, how) => {
        harness.reset();
        expectTyped(await harness.ask({ id: subject.id, patch, headers: { prefer: how } }));
      }),
      runs(100, 1000),
    );
  });

  test('6: any value at any field gives a value or a typed refusal', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(membersOf(subject.vendor, fields), prefer, async (members, how) => {
        harness.reset();
        const answer = await harness.patch(patchOf(members), how);
        expectTyped(answer);
        if (answer.status === 200) taken += 1;
      }),
      runs(100, 1000),
    );
    expect(taken).toBeGreaterThan(0);
  });

  /** What adapters are handed is frozen in every test of the suite: a change to it throws. */
  test('8: inputs are not changed', async () => {
    await fc.assert(
      fc.asyncProperty(membersOf(subject.vendor, writable), async (members) => {
        harness.reset();
        const answer = await harness.patch(deepFreeze(patchOf(members)));
        expect(codeOf(answer)).not.toBe('internal_error');
      }),
      runs(25, 250),
    );
  });

  test.each(maps)('12: keys of $pointer that no patch names keep their text', async (field) => {
    const member = memberOf(subject.vendor, field);
    const stored = fc.array(member.filter(isStorable), { maxLength: 5 });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(stored, member, async (members, written) => {
        harness.reset({ [field.wireName]: mapOf(members) });
        const before = memberTexts(harness.stored(), field.wireName);
        if (!wasTaken(await harness.patch(patchOf([written])), leeway)) return;
        const after = memberTexts(harness.stored(), field.wireName);
        for (const texts of [before, after]) texts.delete(written.key ?? '');
        expect(after).toEqual(before);
        compared += before.size;
      }),
      runs(50, 500),
    );
    expect(compared).toBeGreaterThan(0);
  });
});

/** Whether a vendor can hold the value: of its type, and something at all. */
function isStorable({ field, value }: Member): boolean {
  const encoded = field.codec.encode(value);
  const empty = typeof field.onNull === 'object' ? field.onNull.send : undefined;
  return encoded.ok && encoded.coerced === undefined && value !== null && value !== empty;
}

function mapOf(members: readonly Member[]): JsonObject {
  return Object.fromEntries(members.map(({ key = '', value }) => [key, value]));
}

/** The text of each member of a stored map; objects in one order, since vendors sort them. */
function memberTexts(stored: JsonObject, wireName: string): Map<string, string> {
  const map = own(stored, wireName);
  const members = isObject(map) ? Object.entries(map) : [];
  return new Map(members.map(([key, value]) => [key, stableText(value)]));
}
