import { EXIT, readFlags, stop, usageOf } from '../command-line.ts';
import { createAdminClient, readAdminUrl } from './links/admin-client.ts';
import { decideCommand } from './links/decide-command.ts';
import type { LinkCommand } from './links/link-command.ts';
import { matchCommand, showCommand } from './links/match-command.ts';
import { exportCommand, importCommand } from './links/transfer-commands.ts';

export const help = `usage: profile-gateway links match --targets A,B --key POINTER... [OPTION]...
       profile-gateway links show|confirm|refuse RUN [CANDIDATE[=ID,ID]]... [OPTION]...
       profile-gateway links import FILE [--dry-run] | export

Finds and changes links by the admin API of a gateway that runs.

  match          compares the profiles of two targets, and waits until that is done
  show           prints candidates of a match run, a line each
  confirm        links the profiles of candidates: --all unique ones, or those named. =ID,ID names
                 the pair at the first and the second target where a candidate has several
  refuse         notes that the profiles of candidates are not the same, likewise
  import         sets the links of FILE: {"id": …, "targets": {…}} per line
  export         prints all links in that form

  --url URL           the gateway or its admin listener; by default http://127.0.0.1:8787
  --json              print results as JSON, and no progress
  --key POINTER       with match: what is compared, such as /name; repeatable
  --exact-case        with match: upper and lower case are not the same
  --blanks MODE       with match: collapse (the default), remove or exact
  --id POINTER        with match: ids of new links, instead of upstream ids at the first target
  --prefix TEXT       with match: stands in front of these
  --rate N            with match: most pages requested in a second
  --resume RUN        with match: go on with a run instead of starting one
  --situation NAME    with show: only these candidates, such as ambiguous
  --all               with confirm and refuse: all candidates that are unique
  --reason TEXT       stands in the receipt of what is changed
  --dry-run           with import: only count what would change
  -h, --help          print this text

environment:
  PROFILE_GATEWAY_KEY  the key or token of a caller with the scope admin
  NO_COLOR             print no colors

exit codes:
   0  success
  64  wrong arguments
  65  FILE cannot be used, or a candidate was skipped
  69  the gateway does not answer, or refuses; or the match run has failed`;

const LINK_COMMANDS: ReadonlyMap<string, LinkCommand> = new Map<string, LinkCommand>([
  ['match', matchCommand],
  ['show', showCommand],
  ['confirm', decideCommand('confirm')],
  ['refuse', decideCommand('refuse')],
  ['import', importCommand],
  ['export', exportCommand],
]);

export async function run(args: readonly string[]): Promise<void> {
  const { positionals, values: flags } = readFlags(
    {
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'http://127.0.0.1:8787' },
        json: { type: 'boolean', default: false },
        targets: { type: 'string' },
        key: { type: 'string', multiple: true, default: [] },
        'exact-case': { type: 'boolean', default: false },
        blanks: { type: 'string', default: 'collapse' },
        id: { type: 'string' },
        prefix: { type: 'string' },
        rate: { type: 'string' },
        resume: { type: 'string' },
        situation: { type: 'string' },
        all: { type: 'boolean', default: false },
        reason: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    },
    usageOf(help),
  );
  const [name = '', ...operands] = positionals;
  const command = LINK_COMMANDS.get(name);
  const wrongUse = (problem?: string): never =>
    stop(EXIT.usage, problem === undefined ? [usageOf(help)] : [problem, usageOf(help)]);
  if (command === undefined) return wrongUse();
  const url = readAdminUrl(flags.url) ?? wrongUse('--url: must be an http or https URL');
  const client = createAdminClient(url, process.env.PROFILE_GATEWAY_KEY);
  await command({ client, flags, operands, wrongUse });
}
