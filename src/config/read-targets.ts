import { type Adapter, type Connection, settingsPath } from '../adapter-kit/index.ts';
import { createTarget, type Target, type TargetOptions } from '../upstream/target.ts';
import { carryOverTarget, rememberSettings } from './carry-over.ts';
import { type Diagnostics, type Entries, isMap, join, warnOfSecret } from './diagnostics.ts';
import { isLoopbackHost } from './loopback.ts';
import { nameSchema, targetSchema } from './schema.ts';
import type { ReadCertificates } from './target-schema.ts';
import { writeNamespaces } from './write-namespaces.ts';

export type TargetsOptions = {
  readonly adapters: readonly Adapter[];
  readonly clock: TargetOptions['clock'];
  /** Absent where the runtime decides whom to trust. */
  readonly readCertificates?: ReadCertificates | undefined;
  /** The targets of the version before, whose state goes on. */
  readonly previous?: ReadonlyMap<string, Target> | undefined;
};

/** The targets by name in the document's order; what cannot be opened is reported and left out. */
export function readTargets(
  entries: Entries,
  { adapters, clock, previous, readCertificates }: TargetsOptions,
  diagnostics: Diagnostics,
): ReadonlyMap<string, Target> {
  const namespaces = new Map<string, { readonly owner: string; readonly vendor: string }>();
  const opened: TargetOptions[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const path = settingsPath(['targets', name]);
    diagnostics.check(nameSchema(), name, path);
    const own = diagnostics.check(targetSchema(), entry, path);
    if (!isMap(entry)) continue;
    const adapter = findAdapter(adapters, entry, path, diagnostics);
    if (adapter === undefined) continue;

    const idNamespace = typeof entry.idNamespace === 'string' ? entry.idNamespace : name;
    const known = namespaces.get(idNamespace) ?? { owner: path, vendor: adapter.vendor };
    const { owner, vendor } = known;
    namespaces.set(idNamespace, known);
    if (vendor !== adapter.vendor) {
      const message = `names the id namespace of ${owner}, which is of another vendor`;
      diagnostics.error(join(path, 'idNamespace'), message);
    }

    const connection = openConnection(adapter, entry, path, diagnostics);
    if (connection === undefined || own === undefined) continue;
    const { createWithoutKey, limits, mode, settleMs, timeoutMs, tls } = own;
    if (settleMs !== undefined && settleMs < adapter.settleMs) {
      const message = `must be at least ${adapter.settleMs}: the vendor may need that long`;
      diagnostics.error(join(path, 'settleMs'), message);
    }
    const ca =
      tls && certificates(tls.caFile, readCertificates, join(path, 'tls.caFile'), diagnostics);
    const settings = { idNamespace, timeoutMs, limits, ca, mode, settleMs, createWithoutKey };
    rememberSettings(connection, entry);
    opened.push({ name, ...settings, adapter, connection, clock });
  }
  return createTargets(opened, previous);
}

function createTargets(
  opened: readonly TargetOptions[],
  previous: TargetsOptions['previous'],
): ReadonlyMap<string, Target> {
  const shared = writeNamespaces(
    opened.map(({ adapter: { vendor }, connection, idNamespace, name }) => {
      return { name, idNamespace, account: `${vendor} ${connection.account}` };
    }),
  );
  return new Map(
    opened.map((options) => {
      const { name } = options;
      const target = createTarget({ ...options, writeNamespace: shared.get(name) ?? name });
      return [name, carryOverTarget(target, previous?.get(name))];
    }),
  );
}

/** The certificates at `file`; what keeps them from being used is reported. */
function certificates(
  file: string,
  read: ReadCertificates | undefined,
  path: string,
  diagnostics: Diagnostics,
): string | undefined {
  if (read === undefined) {
    diagnostics.error(path, 'cannot be used here: this runtime itself decides whom it trusts');
    return undefined;
  }
  const found = read(file);
  if (found.ok) return found.pem;
  diagnostics.error(path, found.problem);
  return undefined;
}

function findAdapter(
  adapters: readonly Adapter[],
  { vendor }: Entries,
  path: string,
  diagnostics: Diagnostics,
): Adapter | undefined {
  const adapter = adapters.find((candidate) => candidate.vendor === vendor);
  if (adapter === undefined && typeof vendor === 'string') {
    const known = adapters.map((candidate) => candidate.vendor).join(', ');
    diagnostics.error(join(path, 'vendor'), `must be one of ${known}`);
  }
  return adapter;
}

/** Opens the vendor's part of a target, and checks where its credentials would travel. */
function openConnection(
  adapter: Adapter,
  entry: Entries,
  path: string,
  diagnostics: Diagnostics,
): Connection | undefined {
  const settings = Object.entries(entry).filter(
    ([key]) => !Object.hasOwn(targetSchema().shape, key),
  );
  const opened = adapter.open(Object.fromEntries(settings));
  if (!opened.ok) {
    for (const { message, path: inside } of opened.issues) {
      diagnostics.error(join(path, inside), message);
    }
    return undefined;
  }
  const { connection } = opened;
  if (entry.allowInsecureHttp !== true) reportPlainHttp(connection, entry, path, diagnostics);
  for (const { isName, name, value } of connection.secrets) {
    if (isName !== true) warnOfSecret(diagnostics, join(path, name), value);
  }
  return connection;
}

/** A URL may come from a reference, so the settings that hold it are named, not the URL. */
function reportPlainHttp(
  { origins }: Connection,
  entry: Entries,
  path: string,
  diagnostics: Diagnostics,
): void {
  for (const origin of new Set(origins)) {
    const { hostname, protocol } = new URL(origin);
    if (protocol !== 'http:' || isLoopbackHost(hostname)) continue;
    const holders = pathsOfOrigin(entry, origin, path);
    for (const holder of holders.length === 0 ? [path] : holders) {
      const message =
        'uses http to a host that is not loopback: use https or set allowInsecureHttp: true';
      diagnostics.error(holder, message);
    }
  }
}

/** The paths of all strings below `value` that are URLs of `origin`. */
function pathsOfOrigin(value: unknown, origin: string, path: string): string[] {
  if (typeof value === 'string') {
    return URL.canParse(value) && new URL(value).origin === origin ? [path] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    pathsOfOrigin(member, origin, join(path, settingsPath([key]))),
  );
}
