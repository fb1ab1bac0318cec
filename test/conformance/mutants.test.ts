import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../src/contract/index.ts';
import { adapterOf, connect } from './bench.ts';
import { DELICATE_PATCHES } from './bytes.ts';
import { connectionMutants, harmless } from './mutants-connection.ts';
import { fieldMutants } from './mutants-fields.ts';
import { checksOf, declaring, firstFailure, wrapped } from './mutants-judge.ts';
import { SURVIVORS } from './mutants-survivors.ts';
import { createHarness, fieldsOf, type Subject, subjects } from './subjects.ts';

/** The same values in every run; what fails is not made smaller. */
fc.configureGlobal({ seed: 1, endOnFailure: true });

const SUBJECT_MS_MAX = 120_000;

/** How many mutants of a kind there were, and how many of them a check found. */
type Count = { made: number; killed: number };

const counts = new Map<string, Map<string, Count>>();
const killers = new Map<string, number>();

test('every listed survivor is a mutant that is made, once', async () => {
  for (const subject of subjects) {
    const made = [
      ...fieldMutants(fieldsOf(subject)),
      ...connectionMutants(connect(subject.vendor, subject.settings), await requestsOf(subject)),
    ].map(({ name }) => name);
    const all = SURVIVORS.filter(({ subjects: titles }) => titles.includes(subject.title));
    const names = all.flatMap(({ mutants }) => mutants);
    expect(names.filter((name) => !made.includes(name))).toEqual([]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  }
});

describe.each(subjects)('$title', { timeout: SUBJECT_MS_MAX }, (subject) => {
  const { title, vendor } = subject;
  const checks = checksOf(subject);

  test('every check takes the adapter itself', async () => {
    expect(await firstFailure(checks, adapterOf(vendor))).toBeUndefined();
  });

  test('every check takes what is wrapped without a slip', async () => {
    const names = harmless(connect(vendor, subject.settings)).map(([name]) => name);
    for (const [index, name] of names.entries()) {
      const adapter = wrapped(vendor, (c) => harmless(c)[index]?.[1] ?? c);
      expect({ name, failure: await firstFailure(checks, adapter) }).toEqual({ name });
    }
  });

  test('no slip in the declarations passes', async () => {
    const survivors: string[] = [];
    const mutants = fieldMutants(fieldsOf(subject));
    const names = mutants.map(({ name }) => name);
    for (const { fields, kind, name } of mutants) {
      const failure = await declaring(subject, fields, () =>
        firstFailure(checks, adapterOf(vendor)),
      );
      note(subject, kind, failure?.check);
      if (failure === undefined) survivors.push(name);
    }
    expect(survivors.toSorted()).toEqual(listed(title, names));
  });

  test('no slip in the connection passes', async () => {
    const survivors: string[] = [];
    const requests = await requestsOf(subject);
    const mutants = connectionMutants(connect(vendor, subject.settings), requests);
    const names = mutants.map(({ name }) => name);
    for (const { kind, name, slip } of mutants) {
      const failure = await firstFailure(checks, wrapped(vendor, slip));
      note(subject, kind, failure?.check);
      if (failure === undefined) survivors.push(name);
    }
    expect(survivors.toSorted()).toEqual(listed(title, names));
  });
});

/** The listed survivors of a subject among `names`. */
function listed(title: string, names: readonly string[]): string[] {
  const all = SURVIVORS.filter(({ subjects: titles }) => titles.includes(title));
  return all
    .flatMap(({ mutants }) => mutants)
    .filter((name) => names.includes(name))
    .toSorted();
}

async function requestsOf(subject: Subject): Promise<HttpRequest[]> {
  const sent: HttpRequest[] = [];
  for (const patch of DELICATE_PATCHES) {
    const harness = await createHarness(subject);
    await harness.ask({ id: subject.id, patch, headers: { prefer: 'handling=lenient' } });
    sent.push(...harness.sent);
  }
  return sent;
}

function note({ title }: Subject, kind: string, check: string | undefined): void {
  const kinds = counts.get(title) ?? new Map<string, Count>();
  counts.set(title, kinds);
  const count = kinds.get(kind) ?? { made: 0, killed: 0 };
  kinds.set(kind, count);
  count.made += 1;
  if (check === undefined) return;
  count.killed += 1;
  killers.set(check, (killers.get(check) ?? 0) + 1);
}

afterAll(() => {
  for (const [title, kinds] of counts) {
    const told = [...kinds].map(([kind, { killed, made }]) => `${kind} ${killed}/${made}`);
    console.info(`${title}: ${told.join(', ')}`);
  }
  console.info([...killers].map(([check, count]) => `${check} ${count}`).join(', '));
});
