import type { Case } from './cases.ts';
import type { Verdict } from './judge.ts';

export type Judged = { readonly given: Case; readonly verdict: Verdict };

const OUTCOMES = ['applied', 'noop', 'rejected', 'partial', 'unknown'] as const;

/** How the cases of each vendor and fault ended, as lines of text. */
export function tableOf(judged: readonly Judged[]): string {
  const rows = new Map<string, Judged[]>();
  for (const one of judged) {
    const key = `${one.given.subject.name.padEnd(15)} ${one.given.label}`;
    rows.set(key, [...(rows.get(key) ?? []), one]);
  }
  const head = line(
    `${'vendor'.padEnd(15)} fault`,
    ['cases', ...OUTCOMES, 'wrong', 'double', 'lost'],
    'reasons of unknown',
  );
  const body = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, row]) => lineOf(key, row));
  return [head, ...body, lineOf('all', judged)].join('\n');
}

function lineOf(key: string, row: readonly Judged[]): string {
  const ended = OUTCOMES.map(
    (outcome) => row.filter(({ verdict }) => verdict.outcome === outcome).length,
  );
  const wrong = row.filter(({ verdict }) => verdict.wrong.length > 0).length;
  const double = row.reduce((sum, { verdict }) => sum + verdict.double, 0);
  const lost = row.reduce((sum, { verdict }) => sum + verdict.lost, 0);
  return line(key, [row.length, ...ended, wrong, double, lost], reasonsOf(row));
}

function reasonsOf(row: readonly Judged[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of row) {
    if (verdict.outcome !== 'unknown') continue;
    const reason = verdict.reason ?? 'none';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
}

function line(key: string, cells: readonly (string | number)[], last: string): string {
  return `${key.padEnd(72)}${cells.map((cell) => String(cell).padStart(9)).join('')}  ${last}`.trimEnd();
}
