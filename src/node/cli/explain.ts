import { readFileSync, statSync } from 'node:fs';
import { adapters } from '../../../adapters/index.ts';
import type { Fault, FieldError } from '../../adapter-kit/index.ts';
import { preferencesAt, readPreferences } from '../../http/middleware/profile-request.ts';
import { REQUEST_BODY_BYTES_MAX } from '../../limits.ts';
import { explainWithFallback } from '../../profiles/fallback.ts';
import { resolve } from '../../routing/resolve.ts';
import { traceRoute } from '../../routing/route-trace.ts';
import { cleanUpstream } from '../../telemetry/redactor.ts';
import { passTracesOn } from '../../telemetry/tracing.ts';
import type { Target } from '../../upstream/target.ts';
import { parsePatchText } from '../../writes/parse-patch.ts';
import { fieldErrorsOf, type ProfilePatch, patchSchema } from '../../writes/patch-schema.ts';
import { EXIT, readFlags, stop, stopWith, usageOf } from '../command-line.ts';
import { loadFile } from '../config/load-config.ts';
import { createNodePorts } from '../ports.ts';

export const help = `usage: profile-gateway explain --config FILE [--read] [--lenient]
       [--header NAME:VALUE]... [--caller NAME] ID PATCH.json

Prints, as JSON, the requests that a patch of the profile ID would cause. Writes nothing.

  --config FILE        the configuration, in YAML or JSON
  --read               read the profile from the target first
  --lenient            drop what the target cannot store, as with Prefer: handling=lenient
  --header NAME:VALUE  a header of the request, for routes that match headers; repeatable
  --caller NAME        the caller, for routes that match callers
  --json               accepted, since every command has it: the output is JSON anyway
  -h, --help           print this text

exit codes:
   0  explained, also where the patch would be rejected
  64  wrong arguments, or no target for the id
  65  PATCH.json cannot be used
  69  the target failed
  78  the configuration cannot be used; every problem is printed with its path`;

export async function run(args: readonly string[]): Promise<void> {
  const { flags, id, config, patchFile } = readArguments(args);
  const configuration = await loadFile(config);
  if (!configuration.ok) return stopWith(configuration.problems);
  const { gateway } = configuration;
  const patch = readPatch(patchFile);
  const headers = readHeaders(flags.header);
  const asked = {
    id,
    header: (name: string) => headers.get(name) ?? undefined,
    caller: flags.caller,
  };
  const resolved = await resolve(asked, gateway);
  if (!resolved.ok) return stop(EXIT.usage, [words(resolved.fault)]);

  const { close, ports } = createNodePorts(() => {}, { tracer: passTracesOn(Math.random) });
  const preferences = readPreferences(flags.lenient ? 'handling=lenient' : undefined);
  const { answer, target } = await explainWithFallback(gateway, ports, {
    id,
    resolved: resolved.value,
    patch,
    preferences: preferencesAt(resolved.value, preferences),
    caller: undefined,
    conditions: {},
    reads: flags.read,
    endMs: ports.monotonicMs() + ports.deadlineMs,
    route: await traceRoute(asked, gateway),
  });
  await close();
  if (!answer.ok) return stop(EXIT.unavailable, [words(answer.fault, target)]);
  process.stdout.write(`${JSON.stringify(answer.explanation, undefined, 2)}\n`);
}

function readArguments(args: readonly string[]) {
  const { positionals, values: flags } = readFlags(
    {
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        read: { type: 'boolean', default: false },
        lenient: { type: 'boolean', default: false },
        header: { type: 'string', multiple: true, default: [] },
        caller: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    },
    usageOf(help),
  );
  const { config } = flags;
  const [id, patchFile, ...rest] = positionals;
  if (config === undefined || id === undefined || patchFile === undefined || rest.length > 0) {
    return stop(EXIT.usage, [usageOf(help)]);
  }
  return { flags, config, id, patchFile };
}

/** Headers written as `name: value`. */
function readHeaders(written: readonly string[]): Headers {
  const headers = new Headers();
  for (const header of written) {
    const [name = '', ...value] = header.split(':');
    try {
      headers.append(name, value.join(':'));
    } catch {
      stop(EXIT.usage, ['--header: must be NAME:VALUE']);
    }
  }
  return headers;
}

/** The patch of a file; one that the gateway would answer with 4xx ends the process. */
function readPatch(path: string): ProfilePatch {
  const parsed = parsePatchText(patchText(path));
  if (!parsed.ok) {
    return stop(EXIT.data, 'malformed' in parsed ? [`${path}: not JSON`] : parsed.errors.map(line));
  }
  const checked = patchSchema(adapters).safeParse(parsed.value);
  if (checked.success) return checked.data;
  return stop(EXIT.data, fieldErrorsOf(checked.error.issues).map(line));
}

function patchText(path: string): string {
  try {
    if (statSync(path).size > REQUEST_BODY_BYTES_MAX) {
      return stop(EXIT.data, [`${path}: is larger than ${REQUEST_BODY_BYTES_MAX} bytes`]);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const unreadable = error instanceof Error && 'code' in error ? String(error.code) : '';
    return stop(EXIT.data, [`${path}: cannot be read (${unreadable})`]);
  }
}

function line({ code, detail, pointer }: FieldError): string {
  return `${pointer === '' ? 'the patch' : pointer}: ${detail} (${code})`;
}

/** A fault for a terminal, with what the vendor said to it. */
function words({ code, detail, upstream }: Fault, target?: Target): string {
  if (upstream === undefined || target === undefined) return `${code}: ${detail}`;
  return `${code}: ${detail} ${JSON.stringify(cleanUpstream(upstream, target.redactor))}`;
}
