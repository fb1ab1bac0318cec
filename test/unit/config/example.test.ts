import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { readConfiguration } from '../../../src/config/read-config.ts';
import { readConfigurationFile } from '../../../src/node/config/config-file.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { clockOf } from '../../support/clock.ts';

const path = fileURLToPath(new URL('../../../gateway.example.yaml', import.meta.url));
const VARIABLES = [
  'SENLIN_PASSWORD',
  'NERM_TOKEN',
  'IAM_PASSWORD',
  'NCP_ACCESS_KEY',
  'NCP_SECRET_KEY',
  'HR_PORTAL_KEY',
];

async function readExample(environment: (name: string) => string | undefined) {
  const file = readConfigurationFile(path);
  if (!file.ok) throw new Error(JSON.stringify(file.problems));
  const lookup = { environment };
  return readConfiguration(file.document, {
    adapters,
    lookup,
    clock: clockOf(() => 0),
    digests: nodeDigests,
  });
}

test('the example opens a target at every vendor, without warnings', async () => {
  const asked: string[] = [];
  const read = await readExample((name) => {
    asked.push(name);
    return `value-of-${name}`;
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(asked).toEqual(VARIABLES);
  expect(read.warnings).toEqual([]);
  const { router, targets } = read.gateway;
  const vendors = [...targets.values()].map(({ vendor }) => vendor);
  expect(vendors.toSorted()).toEqual(adapters.map(({ vendor }) => vendor));
  const lead = router.routes.map(({ shares }) => shares.map(({ target }) => target.name));
  expect(lead).toEqual([['nerm-acme'], ['iam-eu-de'], ['senlin-eu']]);
});

test('the example without its environment names every variable', async () => {
  const read = await readExample(() => undefined);
  const messages = read.ok ? [] : read.problems.map(({ message }) => message);
  expect(messages).toEqual(VARIABLES.map((name) => `the environment has no ${name}`));
});

test('every line of the example that a comment hides is no secret', () => {
  const text = readFileSync(path, 'utf8');
  for (const [, value] of text.matchAll(/(?:password|secret|token|key)\w*: *"([^"]*)"/gi)) {
    expect(value).toMatch(/^\$\{[^}]+\}$/);
  }
});
