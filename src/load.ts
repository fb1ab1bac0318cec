import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { adapters } from '../adapters/index.ts';
import { type Configuration, readConfiguration } from './gateway/config.ts';
import { readConfigurationFile } from './gateway/config-file.ts';
import { nodeDigests } from './gateway/digests-node.ts';
import { createKeySources } from './gateway/jwks.ts';
import { openLinksFile } from './gateway/links-file.ts';

/** The keys of issuers, for every version of the configuration. */
const keysAt = createKeySources();

/** The gateway that the file at `path` describes, or every problem of the file. */
export async function loadFile(path: string): Promise<Configuration> {
  const file = readConfigurationFile(path);
  return file.ok ? loadDocument(file.document, dirname(path)) : file;
}

/**
 * The gateway that `document` describes. References lead to this process's environment; the file of
 * links is looked for from `folder`.
 */
export function loadDocument(document: unknown, folder = '.'): Promise<Configuration> {
  const lookup = {
    environment: (name: string) => process.env[name],
    file: (path: string) => readFileSync(path, 'utf8').trimEnd(),
  };
  return readConfiguration(document, {
    adapters,
    lookup,
    now: Date.now,
    digests: nodeDigests,
    keysAt,
    openLinks: (path, targets) => openLinksFile(resolve(folder, path), targets),
  });
}
