import { existsSync, readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { supportTable } from '../../src/adapter-kit/field-capability.ts';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { readConfigurationFile } from '../../src/node/config/config-file.ts';
import { ROOT } from '../support/child.ts';
import { configurationParts } from './pages/configuration.ts';
import { configurationPage } from './pages/configuration-page.ts';
import { configurationSchema } from './pages/configuration-schema.ts';
import { errorsPage } from './pages/errors-page.ts';
import { vendors } from './pages/vendors.ts';

/** `npm run generate` rewrites what these tests compare. */

const PROFILE_MODEL = new URL('../../docs/profile-model.md', import.meta.url);
const parts = configurationParts();

test('docs/errors.md has every code', async () => {
  await expect(errorsPage()).toMatchFileSnapshot('../../docs/errors.md');
});

test('docs/configuration.md has every key', async () => {
  await expect(configurationPage(parts)).toMatchFileSnapshot('../../docs/configuration.md');
});

test.skipIf(!existsSync(PROFILE_MODEL))('the support table of docs/profile-model.md', async () => {
  const page = readFileSync(PROFILE_MODEL, 'utf8');
  const table = supportTable(vendors.flatMap((adapter) => adapter.fieldSets));
  const marked = /(<!-- support table -->)[\s\S]*?(<!-- \/support table -->)/;
  expect(page).toMatch(marked);
  const written = page.replace(marked, (_, open, close) => `${open}\n\n${table}\n\n${close}`);
  await expect(written).toMatchFileSnapshot('../../docs/profile-model.md');
});

describe('docs/gateway.schema.json', () => {
  const schema = configurationSchema(parts);
  let accepts: (document: JsonObject) => boolean;

  beforeAll(() => {
    const ajv = new Ajv.default({ strict: false, validateFormats: false });
    const validate = ajv.compile(schema);
    accepts = (document) => validate(document) === true;
  });

  test('is that of the schemas', async () => {
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../docs/gateway.schema.json');
  });

  test('accepts the example, and no key or value that the gateway rejects', () => {
    const file = readConfigurationFile(`${ROOT}/gateway.example.yaml`);
    if (!file.ok) throw new Error('the example cannot be read');
    const document = file.document as JsonObject;
    expect(accepts(document)).toBe(true);
    expect(accepts({ ...document, surprise: 1 })).toBe(false);
    expect(accepts({ ...document, version: 2 })).toBe(false);
    expect(accepts({ ...document, listen: { port: 65_536 } })).toBe(false);
    expect(accepts({ ...document, logLevel: 'loud' })).toBe(false);
    expect(accepts({ ...document, logLevel: `$${'{LEVEL}'}` })).toBe(true);
    expect(accepts({ ...document, targets: {} })).toBe(false);
    expect(accepts({ ...document, routes: [{}] })).toBe(false);
  });
});
