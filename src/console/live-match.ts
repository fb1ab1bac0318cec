import type { MatchRunView } from '../http/routes/matches/match-view.ts';
import { type Cell, countText, type Tone } from './elements.ts';

const STATE_TONES: Readonly<Record<MatchRunView['state'], Tone>> = {
  running: 'info',
  interrupted: 'warn',
  stopped: 'quiet',
  failed: 'bad',
  ready: 'good',
};

const PHASE_WORDS: Readonly<Record<MatchRunView['phase'], string>> = {
  list_first: 'lists the first target',
  list_second: 'lists the second target',
  read_links: 'reads links',
  compare: 'compares',
  done: 'compared',
};

const MATCH_CELLS = ['state', 'progress'] as const;
type MatchCell = (typeof MATCH_CELLS)[number];

/** The parts of a run that its progress depends on. */
export type RunProgress = Pick<MatchRunView, 'state' | 'phase' | 'listed' | 'pages'>;

/** Returns the texts of a match run that change by themselves. */
export function matchCells({
  listed: { first, second },
  pages,
  phase,
  state,
}: RunProgress): Readonly<Record<MatchCell, Cell>> {
  const [one, other] = [first, second].map(countText);
  const text = `${PHASE_WORDS[phase]}: ${one} and ${other} profiles, ${countText(pages)} pages`;
  return { state: { tone: STATE_TONES[state], text: state }, progress: { text } };
}

/** Name of a cell of a match run in live updates. */
export function matchCellName(id: string, cell: MatchCell): string {
  return `match.${id}.${cell}`;
}

/** Returns the cells of match runs by their names in live updates. */
export function cellsOfRuns(
  runs: readonly (RunProgress & Pick<MatchRunView, 'id'>)[],
): Readonly<Record<string, Cell>> {
  return Object.fromEntries(
    runs.flatMap((run) => {
      const cells = matchCells(run);
      return MATCH_CELLS.map((cell) => [matchCellName(run.id, cell), cells[cell]]);
    }),
  );
}
