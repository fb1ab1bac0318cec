import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The entry of the command line as a source, from the project's folder. */
export const CLI_SOURCE = 'src/node/cli/main.ts';

/** The entry of the command line: as built for the tests, or its source outside of them. */
export const CLI = process.env.BUILT_GATEWAY ?? CLI_SOURCE;

/** A command that runs, and all that it has said so far. */
export type Child = {
  /** Its own process id, which is that of its group too. */
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The first match in what it says on stdout; fails when it ends or is silent for too long. */
  readonly says: (pattern: RegExp, withinMs?: number) => Promise<RegExpExecArray>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly kill: (signal: NodeJS.Signals) => void;
};

export type ChildOptions = {
  /** Laid over this process's environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** Longest time any command of these tests may take to say something. */
const SILENCE_MS_MAX = 10_000;

/** Runs `node` with `args` in the project's folder. */
export function node(args: readonly string[], options: ChildOptions = {}): Child {
  return start(process.execPath, args, options);
}

/** Runs a line as a terminal would. A signal reaches all that the line has started. */
export function shell(line: string, options: ChildOptions = {}): Child {
  return start('/bin/sh', ['-c', line], options);
}

function start(command: string, args: readonly string[], { env = {} }: ChildOptions): Child {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, PORT: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  let isClosed = false;
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      isClosed = true;
      resolve(code ?? signal ?? 'gone');
    });
  });
  const says = (pattern: RegExp, withinMs = SILENCE_MS_MAX): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const give = (end: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        end();
      };
      const missing = (why: string): void =>
        give(() => reject(new Error(`${why} before ${pattern}: ${said.stdout}${said.stderr}`)));
      const look = (): void => {
        const match = pattern.exec(said.stdout);
        if (match !== null) give(() => resolve(match));
      };
      const timer = setTimeout(() => missing(`${withinMs} ms passed`), withinMs);
      listeners.add(look);
      look();
      void ended.then(() => missing('the command ended'));
    });
  const kill = (signal: NodeJS.Signals): void => {
    // The group, which is this command's own: npm starts a shell, and that the program. Others of
    // it may outlive the command; what has closed its output has none left.
    if (child.pid !== undefined && !isClosed) signalGroup(child.pid, signal);
  };
  const { pid = 0 } = child;
  return { pid, stdout: () => said.stdout, stderr: () => said.stderr, says, ended, kill };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The last of them has just ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Runs a command to its end. */
export async function run(child: Child) {
  const code = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

/** Ends a command that a test has started, whatever became of it. */
export async function end(child: Child): Promise<number | string> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS_MAX);
  try {
    return await child.ended;
  } finally {
    clearTimeout(timer);
  }
}

/** The origin in the log line that tells where a gateway listens. */
export const LISTENING = /"event":"listening","message":"(http:\/\/[^"]+)"/;
