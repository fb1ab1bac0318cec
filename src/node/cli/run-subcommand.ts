import { EXIT, EXIT_CODES_HELP, type Subcommand, stop } from '../command-line.ts';
import { placeOf } from '../error-place.ts';
import { holdReloads } from '../reload-signal.ts';
import { VERSION } from '../version.ts';
import { asksForHelp, startsServing } from './arguments.ts';

type Entry = {
  readonly summary: string;
  readonly load: () => Promise<Subcommand>;
};

/** Modules are loaded when their subcommand runs, so that no other one waits for them. */
const SUBCOMMANDS: ReadonlyMap<string, Entry> = new Map([
  ['serve', { summary: 'serve the HTTP API', load: () => import('./serve.ts') }],
  ['check', { summary: 'check a configuration', load: () => import('./check.ts') }],
  ['explain', { summary: 'preview a patch (dry run)', load: () => import('./explain.ts') }],
  ['keygen', { summary: 'generate an API key for a caller', load: () => import('./keygen.ts') }],
  ['links', { summary: 'find and change links', load: () => import('./links.ts') }],
  ['state', { summary: 'look after the shared state', load: () => import('./state.ts') }],
  ['sandbox', { summary: 'serve the sandboxes alone', load: () => import('./sandbox.ts') }],
]);

const SUMMARIES = [...SUBCOMMANDS].map(([name, { summary }]) => `  ${name.padEnd(9)}${summary}`);

const HELP = `usage: profile-gateway SUBCOMMAND [OPTION]...

${SUMMARIES.join('\n')}

Each has a --help of its own. Without a subcommand, options are those of serve.

  -h, --help  print this text
  --version   print the version

${EXIT_CODES_HELP}`;

const MORE = 'profile-gateway --help lists the subcommands';

/** Runs the subcommand that the arguments name. */
export async function runSubcommand(args: readonly string[]): Promise<void> {
  const [first] = args;
  if (first === undefined) return stop(EXIT.usage, [HELP]);
  if (first === '--version') return print(VERSION);
  if (first === '--help' || first === '-h') return print(HELP);
  const isOption = first.startsWith('-');
  const entry = SUBCOMMANDS.get(isOption ? 'serve' : first);
  if (entry === undefined) return stop(EXIT.usage, [`unknown subcommand '${first}'`, MORE]);
  const rest = isOption ? args : args.slice(1);
  const isServing = startsServing(args);
  if (isServing) holdReloads();
  try {
    // Before the modules of the subcommand, which hold on to the classes that they find.
    if (isServing) (await import('../http-server/fetch-globals.ts')).replaceFetchGlobals();
    const { help, run } = await entry.load();
    await (asksForHelp(rest) ? print(help) : run(rest));
  } catch (error) {
    stop(EXIT.software, [`uncaught error: ${placeOf(error)}`]);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
