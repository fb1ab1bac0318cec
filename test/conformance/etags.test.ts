import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Field, type JsonObject, ownText } from '../../src/adapter-kit/index.ts';
import { runs } from '../support/counts.ts';
import { membersOf, patchOf } from './arbitraries.ts';
import { type Answer, outcomeOf } from './bench.ts';
import { seedProperties } from './environment.ts';
import { createHarness, fieldsOf, type Harness, subjects } from './subjects.ts';

seedProperties('etags');

describe.each(subjects)('after each PATCH of $title', (subject) => {
  // What is archived cannot be read again.
  const fields = fieldsOf(subject).filter(
    ({ access, pointer }) => access !== 'read_only' && !pointer.endsWith('/archived'),
  );
  let harness: Harness;
  beforeAll(async () => {
    harness = await createHarness(subject);
  });

  test('the next GET has its ETag, and If-None-Match gives 304', async () => {
    const outcomes: unknown[] = [];
    await fc.assert(
      fc.asyncProperty(patches(subject.vendor, fields), async (both) => {
        harness.reset();
        for (const patch of both) {
          const answer = await harness.patch(patch, 'handling=lenient');
          if (answer.status !== 200) continue;
          outcomes.push(outcomeOf(answer));
          await expectSameTag(harness, answer);
        }
      }),
      runs(60, 600),
    );
    expect(outcomes.filter((outcome) => outcome === 'applied').length).toBeGreaterThan(20);
    expect(outcomes).toContain('noop');
  });

  test('of nothing it has the ETag of the GET before', async () => {
    harness.reset();
    const before = await harness.read();
    expect(tagOf(await harness.patch({}))).toBe(tagOf(before));
  });
});

/** Some patches, and the last of them once more. */
function patches(vendor: string, fields: readonly Field[]): fc.Arbitrary<JsonObject[]> {
  const patch = membersOf(vendor, fields).map(patchOf);
  return fc.tuple(patch, patch).map(([first, second]) => [first, second, second]);
}

async function expectSameTag({ ask, read, subject: { id } }: Harness, patched: Answer) {
  const tag = tagOf(patched);
  const shown = await read();
  expect(shown.body.profile).toEqual(patched.body.profile);
  expect(tagOf(shown)).toBe(tag);
  const again = await ask({ id, headers: { 'if-none-match': tag } });
  expect({ status: again.status, body: again.body, tag: tagOf(again) }).toEqual({
    status: 304,
    body: {},
    tag,
  });
}

function tagOf(answer: Answer): string {
  const tag = answer.headers.get('etag');
  expect(tag, ownText(answer.body, 'code')).toMatch(/^"[0-9a-f]{32}"$/);
  return tag ?? '';
}
