import { describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { codeOf } from './bench.ts';
import { failuresOf, tellSecrets } from './echoes.ts';
import { recordings } from './recorded.ts';
import { subjects } from './subjects.ts';
import { expectNothingHidden, replay } from './transcript.ts';

describe.each(adapters)('$vendor', ({ vendor }) => {
  const failures = recordings.filter(
    (recording) => recording.vendor === vendor && recording.expect.code !== undefined,
  );

  test.each(failures)('11: $name, with every secret in every text of the answer', async (given) => {
    await tellSecrets(given, { delicate: false });
  });

  test.each(failures)('11: $name, with secrets that are escaped in texts', async (given) => {
    await tellSecrets(given, { delicate: true });
  });

  test('11: what is hidden is marked', async () => {
    const texts: string[] = [];
    for (const given of failures.filter(({ operation }) => operation === 'read')) {
      const answer = await tellSecrets(given, { delicate: false });
      texts.push(`${codeOf(answer)} ${JSON.stringify(answer.body)}`);
    }
    expect(texts.filter((text) => text.includes('«secret:'))).not.toEqual([]);
  });
});

describe.each(subjects)('$title', (subject) => {
  test.each(failuresOf(subject))('11: $name, by this way to authorize', async (recording) => {
    for (const delicate of [false, true]) await tellSecrets(recording, { delicate });
    expectNothingHidden((await replay(recording)).answer);
  });
});
