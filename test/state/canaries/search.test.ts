import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestsOf, findDigests, findMarks, formsOf } from './search.ts';

const mark = 'c4n"é \\%';
const text = `${mark} 17`;
const canaries = { marks: [mark], texts: [text] };

describe('the search for canaries', () => {
  test.each(Object.entries(formsOf(text)))('finds a value as %s', (form, texts) => {
    for (const written of texts) {
      expect(findMarks(Buffer.from(`before ${written} behind`), canaries)).not.toEqual([]);
    }
    expect(form).not.toBe('');
  });

  test.each(['sha256', 'md5'])('finds its %s, also cut off', (name) => {
    const digest = createHash(name).update(text).digest('base64url').slice(0, 22);
    expect(findDigests(Buffer.from(`{"hash":"${digest}"}`), digestsOf(canaries))).toEqual([text]);
  });

  test('finds nothing else', () => {
    const other = Buffer.from(`c4n ${createHash('sha256').update('other').digest('hex')}`);
    expect([...findMarks(other, canaries), ...findDigests(other, digestsOf(canaries))]).toEqual([]);
  });
});
