import { dirname } from 'node:path';
import type { StateSettings } from '../../config/read-config.ts';
import { receiptView } from '../../http/routes/receipt-view.ts';
import { PAGE_ROWS_PER_READ } from '../../limits.ts';
import { type StateDatabase, StateUnavailable } from '../../state/state-database.ts';
import { EXIT, readFlags, stop, stopWith, usageOf } from '../command-line.ts';
import { loadFile } from '../config/load-config.ts';
import { HOUR_MS, openDatabase, openingProblem } from '../state/open-state.ts';
import { createProgressLine } from './links/progress-line.ts';

export const help = `usage: profile-gateway state migrate|status|export|restored --config FILE
       [--json]

Looks after the state of a configuration. Replicas may run meanwhile, but for restored.

  migrate        makes the tables, or brings them up to date
  status         prints the open sessions and the profiles in doubt, as JSON
  export         prints every receipt as a line of JSON, the newest first; in a terminal the error
                 output shows how many, unless it is where the receipts go
  restored       must follow the restore of a backup, before any replica starts: no fence is
                 repeated, and no idempotency key of the lost time is taken for a new one
  --config FILE  the configuration, in YAML or JSON
  --repeat-hours N
                 with restored: for so long callers may repeat requests; by default state.keyHours
  --json         print JSON, which status and export do anyway
  -h, --help     print this text

exit codes:
   0  success
  64  wrong arguments
  69  the state does not answer
  78  the configuration cannot be used or has no state, or its tables do not fit`;

/** Most profiles in doubt that are shown. */
const IN_DOUBT_SHOWN_MAX = 500;

type Asked = { readonly repeatHours: number; readonly isJson: boolean };
type Command = (database: StateDatabase, asked: Asked) => Promise<void>;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['migrate', makeTables],
  ['status', status],
  ['export', printReceipts],
  ['restored', markRestored],
]);

export async function run(args: readonly string[]): Promise<void> {
  const { positionals, values: flags } = readFlags(
    {
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        'repeat-hours': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    },
    usageOf(help),
  );
  const [name = '', ...rest] = positionals;
  const command = COMMANDS.get(name);
  if (command === undefined || rest.length > 0 || flags.config === undefined) {
    return stop(EXIT.usage, [usageOf(help)]);
  }
  const settings = await settingsIn(flags.config);
  const hours = Number(flags['repeat-hours'] ?? settings.keyHours);
  if (!(hours >= 0 && hours <= settings.keyHours)) {
    return stop(EXIT.usage, [`--repeat-hours: must be 0 to state.keyHours (${settings.keyHours})`]);
  }
  const wanted: StateSettings = name === 'migrate' ? { ...settings, schema: 'auto' } : settings;
  const database = await openDatabase(wanted, dirname(flags.config)).catch((error: unknown) =>
    stopWith([{ path: 'state', message: openingProblem(error) }]),
  );
  try {
    await command(database, { repeatHours: hours, isJson: flags.json });
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    const why = error.reason === undefined ? '' : `: ${error.reason}`;
    return stop(EXIT.unavailable, [`the state does not answer${why}`]);
  }
  await database.close();
}

async function settingsIn(path: string): Promise<StateSettings> {
  const read = await loadFile(path);
  if (!read.ok) return stopWith(read.problems);
  return read.state ?? stopWith([{ path: 'state', message: 'is missing: nothing is kept' }]);
}

/** Opening has made the tables; a server that is down shows by the first call. */
async function makeTables(database: StateDatabase, { isJson }: Asked): Promise<void> {
  await database.inDoubtMs(['']);
  writeLine(isJson ? '{"tables":"up_to_date"}' : 'the tables are up to date');
}

async function status(database: StateDatabase): Promise<void> {
  const replicas = await database.replicas();
  const inDoubt = await database.listInDoubt(IN_DOUBT_SHOWN_MAX, '');
  const shown = {
    lockScope: database.lockScope,
    replicas: replicas.map(({ name, replica, startedAtMs, version }) => ({
      replica,
      name,
      version,
      startedAt: new Date(startedAtMs).toISOString(),
    })),
    inDoubt: inDoubt.map(({ key, leftMs }) => ({ profile: key, leftMs })),
  };
  writeLine(JSON.stringify(shown, undefined, 2));
}

async function markRestored(database: StateDatabase, asked: Asked): Promise<void> {
  const { isJson, repeatHours } = asked;
  await database.markRestored(repeatHours * HOUR_MS);
  const words = `all sessions are closed; unknown keys are rejected for ${repeatHours} hours`;
  writeLine(isJson ? JSON.stringify({ sessions: 'closed', repeatHours }) : words);
}

async function printReceipts(database: StateDatabase): Promise<void> {
  // Both in one terminal would be mixed up.
  const progress = createProgressLine(process.stdout.isTTY !== true);
  let exported = 0;
  let before: number | undefined;
  for (;;) {
    const page = await database.receipts({
      max: PAGE_ROWS_PER_READ,
      ...(before === undefined ? {} : { before }),
    });
    for (const receipt of page) writeLine(JSON.stringify(receiptView(receipt)));
    exported += page.length;
    before = page.at(-1)?.position;
    if (before === undefined) return progress.end();
    progress.show(`${exported} receipts`);
  }
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
