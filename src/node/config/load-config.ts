import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { adapters } from '../../../adapters/index.ts';
import { createKeySources, type KeySources } from '../../auth/jwks-cache.ts';
import { type Configuration, readConfiguration } from '../../config/read-config.ts';
import type { ConfigSnapshot } from '../../config/snapshot.ts';
import type { LinksOpened } from '../../routing/links.ts';
import { systemClock } from '../../state/clock.ts';
import { nodeDigests } from '../digests.ts';
import { readCertificates } from './ca-certificates.ts';
import { readConfigurationFile } from './config-file.ts';
import { openLinksFile } from './links-file.ts';
import { type FileRead, readRegularFile } from './regular-file.ts';

/** The keys of issuers, for every version of the configuration of a process. */
const ownKeys = createKeySources();

/** The gateway that the file at `path` describes, or every problem of the file. */
export async function loadFile(path: string): Promise<Configuration> {
  return (await createLoader(path)()).configuration;
}

/** The gateway that `document` describes, its files being looked for from `folder`. */
export function loadDocument(document: unknown, folder = '.'): Promise<Configuration> {
  const source = { folder, files: new Map(), openLinks: createLinksOpener(), keysAt: ownKeys };
  return readSnapshot(document, source);
}

export type Loaded = {
  readonly configuration: Configuration;
  /** Every file that it depends on, with what it was before it was read; see `fileMark`. */
  readonly files: ReadonlyMap<string, string>;
};

/** Reads the file at `path` again and again; what `previous` has learned goes on. */
export function createLoader(
  path: string,
  keysAt: KeySources = ownKeys,
): (previous?: ConfigSnapshot) => Promise<Loaded> {
  const openLinks = createLinksOpener();
  return async (previous) => {
    const files = new Map([[path, fileMark(path)]]);
    const file = readConfigurationFile(path, noteReads(files));
    const source = { folder: dirname(path), files, openLinks, keysAt, previous };
    return { configuration: file.ok ? await readSnapshot(file.document, source) : file, files };
  };
}

type Source = {
  readonly folder: string;
  /** Every file that is read is added. */
  readonly files: Map<string, string>;
  readonly openLinks: OpenLinksFile;
  readonly keysAt: KeySources;
  readonly previous?: ConfigSnapshot | undefined;
};

/** References lead to this process's environment. */
function readSnapshot(document: unknown, source: Source): Promise<Configuration> {
  const { files, folder, keysAt, openLinks, previous } = source;
  const read = noteReads(files);
  const lookup = {
    environment: (name: string) => process.env[name],
    file: (path: string) => {
      const file = read(resolve(folder, path));
      return file.ok ? file.bytes.toString('utf8') : { failure: file.failure };
    },
  };
  return readConfiguration(document, {
    adapters,
    lookup,
    clock: systemClock,
    digests: nodeDigests,
    keysAt,
    previous,
    readCertificates: (path) => readCertificates(resolve(folder, path), read),
    openLinks: (path, targets) => {
      const at = resolve(folder, path);
      files.set(at, fileMark(at));
      return openLinks(at, targets, () => files.set(at, UNREAD));
    },
  });
}

type OpenLinksFile = typeof openLinksFile;

/** Keeps the links that were read last: a million take seconds, and twice the memory. */
function createLinksOpener(): OpenLinksFile {
  let kept: { readonly key: string; readonly opened: LinksOpened } | undefined;
  return async (path, targets, onPassingFailure) => {
    const key = JSON.stringify([path, fileMark(path), targets]);
    if (kept?.key === key) return kept.opened;
    const opened = await openLinksFile(path, targets, onPassingFailure);
    if (opened.ok) kept = { key, opened };
    return opened;
  };
}

/** The mark of a file that may be readable the next time, unlike that of any file. */
export const UNREAD = 'unread';

/** Reads files and adds the mark of each to `files`, as it was before it was read. */
function noteReads(files: Map<string, string>): (path: string) => FileRead {
  return (path) => {
    files.set(path, fileMark(path));
    const file = readRegularFile(path);
    if (!file.ok && file.isPassing) files.set(path, UNREAD);
    return file;
  };
}

/** Differs when a file is another one or was written to; the same for all that are not there. */
export function fileMark(path: string): string {
  try {
    const { ctimeNs, dev, ino, mtimeNs, size } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'none';
  }
}
