import { expect } from 'vitest';
import type { Adapter } from '../../../src/adapter-kit/index.ts';
import { isFull } from '../../support/counts.ts';
import type { Subject } from '../subjects.ts';
import { type Check, type Failure, firstFailure, inFront, quickOf } from './judge.ts';
import { SURVIVORS } from './survivors.ts';

/** A slip of some kind, ready to be judged. */
export type Mutant = { readonly kind: string; readonly name: string };

/** How many mutants of a kind there were, and how many of them a check found. */
type Count = { made: number; killed: number };

const counts = new Map<string, Map<string, Count>>();
const killers = new Map<string, number>();

/** Judges every mutant; those that pass must be the listed ones. */
export async function expectKilled<M extends Mutant>(
  subject: Subject,
  checks: readonly Check[],
  mutants: readonly M[],
  judge: (mutant: M, judged: (adapter: Adapter) => Promise<Failure | undefined>) => Judged,
): Promise<void> {
  const known = new Set(listed(subject.title));
  const survivors: string[] = [];
  const orders = new Map<string, readonly Check[]>();
  for (const mutant of mutants) {
    const { kind, name } = mutant;
    const ordered = orders.get(kind) ?? checks;
    const chosen = known.has(name) && !isFull ? quickOf(checks) : ordered;
    const failure = await judge(mutant, (adapter) => firstFailure(chosen, adapter));
    if (failure === undefined) survivors.push(name);
    else orders.set(kind, inFront(ordered, failure));
    note(subject, kind, failure);
  }
  const expected = mutants.map(({ name }) => name).filter((name) => known.has(name));
  expect(survivors).toEqual(expected);
}

type Judged = Promise<Failure | undefined>;

/** The listed survivors of a subject. */
export function listed(title: string): string[] {
  const all = SURVIVORS.filter(({ subjects: titles }) => titles.includes(title));
  return all.flatMap(({ mutants }) => mutants);
}

/** The listed survivors as the README shows them. */
export function survivorTable(): string {
  const rows = SURVIVORS.map(({ mutants, reason, subjects }) => [
    subjects.join(', '),
    mutants.map((name) => `\`${name}\``).join(', '),
    reason,
  ]);
  const head = [
    ['subjects', 'mutants', 'why no check can tell them'],
    ['---', '---', '---'],
  ];
  return [...head, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function note({ title }: Subject, kind: string, failure: Failure | undefined): void {
  const kinds = counts.get(title) ?? new Map<string, Count>();
  counts.set(title, kinds);
  const count = kinds.get(kind) ?? { made: 0, killed: 0 };
  kinds.set(kind, count);
  count.made += 1;
  if (failure === undefined) return;
  count.killed += 1;
  const { name } = failure.check;
  killers.set(name, (killers.get(name) ?? 0) + 1);
}

/** Prints killed and made mutants by subject and kind, and by the check that found them. */
export function printCounts(): void {
  for (const [title, kinds] of counts) {
    const told = [...kinds].map(([kind, { killed, made }]) => `${kind} ${killed}/${made}`);
    console.info(`${title}: ${told.join(', ')}`);
  }
  console.info([...killers].map(([check, count]) => `${check} ${count}`).join(', '));
}
