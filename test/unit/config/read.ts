// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { expect } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import {
  type ConfigProblem,
  type Configuration,
  readConfiguration,
} from '../../../src/config/read-config.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { clockOf } from '../../support/clock.ts';

/** Stands in every value of these tests that must not be told. */
export const HUSH = 'hush-hush';

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  SENLIN_PASSWORD: `senlin-${HUSH}`,
  NERM_TOKEN: `nerm-${HUSH}`,
  IAM_PASSWORD: `iam-${HUSH}`,
  NCP_ACCESS_KEY: `access-${HUSH}`,
  NCP_SECRET_KEY: `secret-${HUSH}`,
  HR_KEY: `hr-${HUSH}`,
  PLAIN_URL: `http://${HUSH}.example.com/api`,
  BLANK: ' ',
};

export const FILES: Readonly<Record<string, string>> = {
  '/run/token': `file-${HUSH}\r\n`,
  '/run/blank': '\n',
};

export const nerm = {
  vendor: 'nerm',
  baseUrl: 'https://acme.example.com/api',
  auth: { method: 'token', token: '${NERM_TOKEN}' },
};
export const naver = {
  vendor: 'naver',
  baseUrl: 'https://naver.example.com',
  auth: { accessKey: '${NCP_ACCESS_KEY}', secretKey: '${NCP_SECRET_KEY}' },
};
export const hr = { key: '${HR_KEY}', scopes: ['profiles:read'] };

/** A document without problems, with some parts replaced. */
export function documentWith(parts: object): object {
  return { version: 1, targets: { acme: nerm }, ...parts };
}

/** A document whose only target is `acme`: nerm with some settings replaced. */
export function targetWith(settings: object): object {
  return documentWith({ targets: { acme: { ...nerm, ...settings } } });
}

/** Reads a document, and checks that nothing told about it holds a value that must not be. */
export async function read(document: unknown): Promise<Configuration> {
  const configuration = await readConfiguration(document, {
    adapters,
    lookup: { environment: (name) => ENVIRONMENT[name], file: (path) => FILES[path] },
    clock: clockOf(() => 0),
    digests: nodeDigests,
  });
  const told = configuration.ok ? configuration.warnings : configuration.problems;
  expect(JSON.stringify(told)).not.toContain(HUSH);
  return configuration;
}

export async function readable(
  document: unknown,
): Promise<Extract<Configuration, { readonly ok: true }>> {
  const configuration = await read(document);
  if (!configuration.ok) throw new Error(JSON.stringify(configuration.problems));
  return configuration;
}

/** Every problem as `path: message`. */
export async function problemsOf(document: unknown): Promise<string[]> {
  const configuration = await read(document);
  return configuration.ok ? [] : configuration.problems.map(line);
}

export async function warningsOf(document: unknown): Promise<readonly string[]> {
  return (await readable(document)).warnings;
}

export function line({ message, path }: ConfigProblem): string {
  return `${path}: ${message}`;
}
