import { describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { CASES_REQUIRED, recordings } from './recorded.ts';
import { expectAsRecorded, replay } from './transcript.ts';

describe.each(adapters)('$vendor', ({ vendor }) => {
  const own = recordings.filter((recording) => recording.vendor === vendor);

  test('the usual cases are on record', () => {
    const names = own.map(({ name }) => name);
    expect(CASES_REQUIRED.filter((name) => !names.includes(name))).toEqual([]);
  });

  test.each(own)('$name', async (recording) => {
    expectAsRecorded(await replay(recording), recording);
  });
});
