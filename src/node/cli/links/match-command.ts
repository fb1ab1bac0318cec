import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import * as z from 'zod/mini';
import { optional, type SchemaValue } from '../../../adapter-kit/index.ts';
import {
  candidateSchema,
  countedMatchSchema,
  type MatchRunView,
  matchRunSchema,
} from '../../../http/routes/matches/match-view.ts';
import { EXIT } from '../../command-line.ts';
import type { AdminClient } from './admin-client.ts';
import { type LinkCommand, type LinkFlags, printLine } from './link-command.ts';
import { createProgressLine } from './progress-line.ts';

/** Time between two looks at a run. */
const RUN_LOOK_MS = 1_000;

type CountedRun = SchemaValue<typeof countedMatchSchema>;

/** `links match`: starts or resumes a run, and waits for it. */
export const matchCommand: LinkCommand = async ({ client, flags, operands, wrongUse }) => {
  const { resume } = flags;
  if (operands.length > 0) wrongUse();
  const { id } =
    resume === undefined
      ? await client.post('/admin/matches', { json: specIn(flags, wrongUse) }, matchRunSchema())
      : await client.post(
          runPath(resume, '/resume'),
          { json: reasonPart(flags) },
          matchRunSchema(),
        );
  const progress = createProgressLine(!flags.json);
  progress.show(`match run ${id}`);
  const run = await waitFor(client, id, (seen) => progress.show(progressText(seen)));
  progress.end();
  if (flags.json) printLine(JSON.stringify(run));
  else for (const line of summary(run)) printLine(line);
  if (run.state !== 'ready') process.exitCode = EXIT.unavailable;
};

const candidatesSchema = z.object({
  candidates: z.array(candidateSchema()),
  next: z.exactOptional(z.string()),
});

/** `links show`: prints the candidates of a run. */
export const showCommand: LinkCommand = async ({ client, flags, operands, wrongUse }) => {
  const [run, ...rest] = operands;
  if (run === undefined || rest.length > 0) return wrongUse();
  const { situation } = flags;
  let after: string | undefined;
  do {
    const query = new URLSearchParams({
      ...{ limit: '500', ...optional('situation', situation), ...optional('after', after) },
    });
    const page = await client.get(`${runPath(run)}?${query}`, candidatesSchema);
    for (const one of page.candidates)
      printLine(flags.json ? JSON.stringify(one) : candidateLine(one));
    after = page.next;
  } while (after !== undefined);
};

/** Returns the path of a run. */
export function runPath(run: string, rest = ''): string {
  return `/admin/matches/${encodeURIComponent(run)}${rest}`;
}

/** Returns the reason that was given, as a part of a body. */
export function reasonPart({ reason }: Pick<LinkFlags, 'reason'>): object {
  return optional('reason', reason);
}

function specIn(flags: LinkFlags, wrongUse: (problem: string) => never): object {
  const targets = flags.targets?.split(',') ?? [];
  if (targets.length !== 2) wrongUse('--targets: must be FIRST,SECOND');
  if (flags.key.length === 0) wrongUse('--key: must name what is compared, such as /name');
  const { blanks, id, prefix, rate } = flags;
  const normal = { case: flags['exact-case'] ? 'exact' : 'ignore', blanks };
  const requestsPerSecond = rate === undefined ? undefined : Number(rate);
  return {
    targets,
    keys: flags.key.map((pointer) => ({ pointer, ...normal })),
    ...(id === undefined ? {} : { newLinkId: { pointer: id, ...optional('prefix', prefix) } }),
    ...optional('requestsPerSecond', requestsPerSecond),
    ...reasonPart(flags),
  };
}

async function waitFor(
  client: AdminClient,
  id: string,
  onLook: (run: CountedRun) => void,
): Promise<CountedRun> {
  for (;;) {
    const run = await client.get(`${runPath(id)}?limit=1`, countedSchema);
    onLook(run);
    if (run.state !== 'running') return run;
    await delay(RUN_LOOK_MS);
  }
}

/** The run of a page of candidates, which are left out. */
const countedSchema = z.object(countedMatchSchema().shape);

const PHASE_TEXTS: Readonly<Record<MatchRunView['phase'], string>> = {
  list_first: 'lists the first target',
  list_second: 'lists the second target',
  read_links: 'reads links',
  compare: 'compares',
  done: 'done',
};

function progressText({ listed, phase, problem, targets: [first, second] }: CountedRun): string {
  const tried = problem === undefined ? '' : `, tries again after ${problem}`;
  const counts = `${first} ${listed.first}, ${second} ${listed.second} profiles`;
  return `${PHASE_TEXTS[phase]}: ${counts}${tried}`;
}

function summary(run: CountedRun): string[] {
  const { id, problem, shifting, situations, state } = run;
  const color = state === 'ready' ? 'green' : 'red';
  const why = problem === undefined ? '' : `: ${problem}`;
  const counts = Object.entries(situations ?? {}).filter(([, amount]) => amount > 0);
  return [
    `match run ${id} is ${styleText(color, state, { stream: process.stdout })}${why}`,
    ...counts.map(([situation, amount]) => `  ${situation.padEnd(16)}${amount}`),
    ...(shifting === undefined ? [] : [shiftingText(shifting)]),
  ];
}

function shiftingText(targets: readonly string[]): string {
  const cause = `The list of ${targets.join(' and ')} has pages that shift`;
  return `${cause}: it may lack profiles, so missing and extra prove nothing.`;
}

function candidateLine({
  candidate,
  hasMore,
  profiles,
  situation,
}: SchemaValue<typeof candidateSchema>) {
  const names = profiles.map(({ link, target, upstreamId }) =>
    link === undefined ? `${target}:${upstreamId}` : `${target}:${upstreamId} (${link})`,
  );
  return [candidate, situation, ...names, ...(hasMore ? ['…'] : [])].join('\t');
}
