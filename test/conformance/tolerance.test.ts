import { describe, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { connect } from './bench.ts';
import { recordings } from './recorded.ts';
import { subjects } from './subjects.ts';
import {
  expectLessTolerated,
  expectMoreTolerated,
  expectOtherTypesLeftOut,
  hasToken,
  lostWriteAnsweredBy,
  MALFORMED,
  readAnsweredBy,
  showsProfile,
  tokenAnsweredBy,
  writeAnsweredBy,
} from './tolerance.ts';

describe.each(adapters)('$vendor', ({ vendor }) => {
  const reads = recordings.filter((given) => given.vendor === vendor && showsProfile(given));

  test.each(reads)('$name: fields that nobody knows change nothing', async (recording) => {
    await expectMoreTolerated(recording, connect(vendor, recording.settings).fields);
  });

  test.each(reads)('$name: every field but the id may be missing', async (recording) => {
    await expectLessTolerated(recording);
  });

  test.each(reads)('$name: a field of another type is left out', async (recording) => {
    await expectOtherTypesLeftOut(recording, connect(vendor, recording.settings).fields);
  });
});

describe.each(subjects)('$title', (subject) => {
  test.each(MALFORMED)('a read answered by %s', async (_name, body) => {
    await readAnsweredBy(subject, body);
  });

  test.each(MALFORMED)('a write that is stored and answered by %s', async (_name, body) => {
    await writeAnsweredBy(subject, body);
  });

  test.each(MALFORMED)('a write that is lost and answered by %s', async (_name, body) => {
    await lostWriteAnsweredBy(subject, body);
  });

  const tokenBodies = hasToken(subject) ? MALFORMED : [];
  test.each(tokenBodies)('a token request answered by %s', async (_name, body) => {
    await tokenAnsweredBy(subject, body);
  });
});
