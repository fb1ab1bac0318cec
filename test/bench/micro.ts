import { EXIT, readFlags, stop } from '../../src/node/command-line.ts';
import { type Measured, measure } from './micro-measure.ts';
import { createStages, type Sample } from './micro-stages.ts';

const UPSTREAM_ID = '76da1a8c-0000-4000-8000-cf13dfc49aa6';

const SAMPLES: readonly Sample[] = [
  {
    vendor: 'naver',
    settings: {
      baseUrl: 'https://naver.example',
      auth: { accessKey: 'BENCHACCESSKEY', secretKey: 'bench-secret-key' },
    },
    upstreamId: UPSTREAM_ID,
    patch: { description: 'build farm', extensions: { naver: { durationSeconds: 7200 } } },
    answer: {
      profileId: UPSTREAM_ID,
      profileNrn: `nrn:PUB:ExternalAccess::1234567:Profile/${UPSTREAM_ID}`,
      name: 'profile000',
      description: 'build farm',
      enabled: true,
      durationSeconds: 7200,
      roleNrnList: ['nrn:PUB:SubAccount::1234567:Role/b1f7c2aa-0000-4000-8000-0000000000a1'],
      createTime: '2024-12-13T14:24:45.128+09:00',
      updateTime: '2026-02-03T04:05:06.789+09:00',
    },
    unfit: { name: 'ab', extensions: { naver: { durationSeconds: 60 } } },
  },
  {
    vendor: 'nerm',
    settings: {
      baseUrl: 'https://nerm.example/api',
      auth: { method: 'token', token: 'bench-token' },
    },
    upstreamId: UPSTREAM_ID,
    patch: { status: 'on_leave', attributes: { cost_centre: '4711', site: 'Berlin' } },
    answer: {
      profile: {
        id: UPSTREAM_ID,
        uid: '0f3c9a7be1d24a5f8c6b7d8e9fa0b1c2',
        name: 'Dana Example',
        profile_type_id: '6d8fab21-3c5e-4a7b-9d1f-2b4c6e8fa087',
        status: 'On Leave',
        id_proofing_status: 'pass',
        created_at: '2026-01-05T08:00:00.000-05:00',
        updated_at: '2026-02-04T09:00:00.125-05:00',
        attributes: { cost_centre: '4711', site: 'Berlin', end_date: '12/31/2026' },
      },
    },
    unfit: { description: 'build farm', attributes: { cost_centre: 4711 } },
  },
];

/** `npm run bench:micro`: what each stage of a PATCH costs, as one table. */
const USAGE = 'usage: npm run bench:micro -- [--only name,name] [--rounds N]';
const ROUNDS = '9';
const ROUNDS_MAX = 1000;

const HEAD = ['stage', 'vendor', 'µs/call', 'least', 'most', 'heap bytes/call'];
/** The columns of words, left of those of numbers. */
const WORD_COLUMNS = 2;

const { values } = readFlags(
  { options: { only: { type: 'string' }, rounds: { type: 'string', default: ROUNDS } } },
  USAGE,
);
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX)) {
  stop(EXIT.usage, [`--rounds: must be 1 to ${ROUNDS_MAX}`, USAGE]);
}
const all = await createStages(SAMPLES);
const names = new Set(all.map(({ name }) => name));
const only = values.only?.split(',') ?? [...names];
const unknown = only.filter((name) => !names.has(name));
if (unknown.length > 0) {
  stop(EXIT.usage, [`--only: no ${unknown.join(', ')} in ${[...names].join(', ')}`, USAGE]);
}
const chosen = all.filter(({ name }) => only.includes(name));
const measured = await measure(chosen, rounds);
process.stdout.write(table([HEAD, ...measured.map(row)]));

function row({ bytes, microseconds, stage }: Measured): string[] {
  const { least, median, most } = microseconds;
  const times = [median, least, most].map((time) => time.toFixed(2));
  return [stage.name, stage.vendor, ...times, bytes.toFixed(0)];
}

/** Words to the left, numbers to the right, each column as wide as its widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const widthOf = (column: number): number =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0));
  const padded = (cell: string, column: number): string =>
    column < WORD_COLUMNS ? cell.padEnd(widthOf(column)) : cell.padStart(widthOf(column));
  return rows.map((cells) => `${cells.map(padded).join('  ')}\n`).join('');
}
