import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../../src/adapter-kit/index.ts';
import { share } from '../../support/counts.ts';
import { adapterOf, connect } from '../bench.ts';
import { DELICATE_PATCHES } from '../bytes.ts';
import { createHarness, fieldsOf, type Subject, subjects } from '../subjects.ts';
import { connectionMutants, unharmed } from './connection.ts';
import { fieldMutants } from './fields.ts';
import { checksOf, firstFailure, wrapped } from './judge.ts';
import { isOfOperation } from './operations.ts';
import { expectKilled, listed, printCounts, survivorTable } from './trial.ts';

/// <reference types="vite/types/importMeta.d.ts" />

/** The same values in every run; what fails is not made smaller. */
fc.configureGlobal({ seed: 1, endOnFailure: true });

afterAll(printCounts);

const readme = import.meta.glob<string>('../README.md', {
  eager: true,
  import: 'default',
  query: '?raw',
});

test('the README lists the survivors', () => {
  // The formatter makes columns equally wide.
  const narrow = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
  expect(narrow(readme['../README.md'] ?? '')).toContain(narrow(survivorTable()));
});

describe.each(subjects)('$title', { timeout: 300_000 }, (subject) => {
  const { settings, title, vendor } = subject;
  const checks = checksOf(subject);

  test('every check takes what is wrapped without a slip', async () => {
    expect(await firstFailure(checks, wrapped(adapterOf(vendor), unharmed))).toBeUndefined();
  });

  test('no slip in the connection passes', async () => {
    const mutants = connectionMutants(connect(vendor, settings), await requestsOf(subject));
    await expectKilled(subject, checks, share(mutants, 2), ({ slip }, judged) =>
      judged(wrapped(adapterOf(vendor), slip)),
    );
  });

  test('every listed survivor is a mutant that is made, once', async () => {
    const made = [
      ...fieldMutants(fieldsOf(subject)),
      ...connectionMutants(connect(vendor, settings), await requestsOf(subject)),
    ].map(({ name }) => name);
    expect(new Set(made).size).toBe(made.length);
    const names = listed(title).filter((name) => !isOfOperation(name));
    expect(names.filter((name) => !made.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

/** What the vendor's own adapter sends for some patches. */
async function requestsOf(subject: Subject): Promise<HttpRequest[]> {
  const sent: HttpRequest[] = [];
  for (const patch of DELICATE_PATCHES) {
    const harness = await createHarness(subject);
    await harness.ask({ id: subject.id, patch, headers: { prefer: 'handling=lenient' } });
    sent.push(...harness.sent);
  }
  return sent;
}
