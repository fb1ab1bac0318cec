import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import {
  FAULT_CODES,
  isList,
  isObject,
  type Json,
  type JsonObject,
  ownObject,
  pointerTo,
} from '../../../src/adapter-kit/index.ts';
import { createApp } from '../../../src/http/app.ts';
import { API_VERSION, openApiDocument } from '../../../src/http/openapi/document.ts';
import { createMetrics } from '../../../src/node/telemetry/prometheus.ts';
import type { Ports } from '../../../src/ports.ts';
import { createMemoryState } from '../../../src/state/local-state.ts';
import { patchSchema } from '../../../src/writes/patch-schema.ts';
import { clockOf } from '../../support/clock.ts';
import { fifthAdapter } from './fifth-adapter.ts';
import { createResponseCheck } from './response-check.ts';

const document = openApiDocument(adapters);
const { mismatches } = createResponseCheck(document);

function at(root: Json, ...keys: string[]): JsonObject {
  let value: Json = root;
  for (const key of keys) value = ownObject(value, key) ?? {};
  return isObject(value) ? value : {};
}

const schemaAt = (name: string): string => `/components/schemas/${name}`;

/** Every object of the document with its place. */
function* objects(value: Json, pointer = ''): Generator<readonly [string, JsonObject]> {
  if (isList(value)) {
    for (const [i, item] of value.entries()) yield* objects(item, `${pointer}/${i}`);
  } else if (isObject(value)) {
    yield [pointer, value];
    for (const [key, item] of Object.entries(value)) yield* objects(item, pointerTo(pointer, key));
  }
}

describe('the document', () => {
  it('is OpenAPI 3.1 by an independent validator', async () => {
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
  });

  it('is refused by that validator when it is broken', async () => {
    const broken = { ...document, paths: { '/x': { get: { responses: { ok: {} } } } } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it('holds nothing but valid schemas', () => {
    const schemas = at(document, 'components', 'schemas');
    const ajv = new Ajv2020({ strict: false });
    for (const [name, schema] of Object.entries(schemas)) {
      expect({ name, errors: ajv.validateSchema(at(schema)) }).toEqual({ name, errors: true });
      expect(mismatches(schemaAt(name), {}), name).toBeInstanceOf(Array);
    }
  });

  it('refers to nothing that is not there', () => {
    const references = [...objects(document)].flatMap(([, { $ref }]) => $ref ?? []);
    expect(references.length).toBeGreaterThan(100);
    for (const reference of references) {
      const keys = String(reference).slice(2).split('/');
      expect(Object.keys(at(document, ...keys)), String(reference)).not.toEqual([]);
    }
  });

  it('has examples that fit their schemas, one for each dialect and each problem', () => {
    let count = 0;
    for (const [pointer, { examples }] of objects(document)) {
      if (examples === undefined || pointer === '/components') continue;
      for (const [name, example] of Object.entries(at(examples))) {
        const { $ref } = at(example);
        const keys = $ref === undefined ? [] : String($ref).slice(2).split('/');
        const { value } = $ref === undefined ? at(example) : at(document, ...keys);
        expect(mismatches(`${pointer}/schema`, value), `${pointer} ${name}`).toEqual([]);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(100);
    const shown = at(document, 'components', 'examples');
    expect(Object.keys(shown)).toEqual(Object.keys(FAULT_CODES));
    const dialects = adapters.flatMap((adapter) => adapter.fieldSets).length;
    const bodies = at(document, 'paths', '/profiles/{id}', 'patch', 'requestBody', 'content');
    for (const body of Object.values(bodies)) {
      expect(Object.keys(at(body, 'examples'))).toHaveLength(dialects);
    }
  });

  it('tells every code of a problem in some response', () => {
    const told = new Set<Json>();
    for (const [, { properties }] of objects(document)) {
      const codes = at(properties ?? {}, 'code').enum;
      const { status } = at(properties ?? {});
      if (isList(codes) && at(status ?? {}).const !== undefined) for (const c of codes) told.add(c);
    }
    expect([...told].sort()).toEqual(Object.keys(FAULT_CODES).sort());
  });

  it('tells every path and method of the application, and no other', () => {
    const routes = createTestApp().routes.filter(({ method }) => method !== 'ALL');
    const served = new Set(
      routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    const told = Object.entries(at(document, 'paths')).flatMap(([path, item]) =>
      Object.keys(at(item))
        .filter((key) => key !== 'parameters' && key !== 'options')
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(told.sort()).toEqual([...served].sort());
  });

  it('has the version of the package', () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
    );
    expect(API_VERSION).toBe(version);
  });
});

describe('GET /openapi.json', () => {
  it('answers without a configuration, and the same for each request', async () => {
    const app = createTestApp();
    const answer = await app.request('http://example.com/openapi.json');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(document)));
    const other = await app.request('/openapi.json', { method: 'DELETE' });
    expect(other.status).toBe(503);
  });
});

describe('the schema of a patch', () => {
  const body = '/paths/~1profiles~1{id}/patch/requestBody/content/application~1json/schema';

  it.each<[JsonObject, boolean]>([
    [{}, true],
    [{ name: 'x' }, true],
    [{ name: null }, false],
    [{ name: 1 }, false],
    [{ description: null }, true],
    [{ description: '' }, true],
    [{ status: 'on_leave' }, true],
    [{ status: 'gone' }, false],
    [{ status: null }, false],
    [{ attributes: null }, true],
    [{ attributes: { a: null, b: [1] } }, true],
    [{ attributes: [] }, false],
    [{ extensions: null }, false],
    [{ extensions: { nerm: null } }, false],
    [{ extensions: { nerm: { archived: true } } }, true],
    [{ extensions: { nerm: { colour: 1 } } }, false],
    [{ extensions: { nobody: {} } }, false],
    [{ colour: 'red' }, false],
  ])('takes what the gateway takes: %j %s', (patch, takes) => {
    expect(mismatches(body, patch).length === 0).toBe(takes);
    expect(patchSchema(adapters).safeParse(patch).success).toBe(takes);
  });

  it.each<[JsonObject, boolean]>([
    [{ naver: { durationSeconds: 600 } }, true],
    [{ naver: { durationSeconds: 599 } }, false],
    [{ naver: { durationSeconds: 600.5 } }, false],
    [{ naver: { durationSeconds: null } }, false],
    [{ naver: { roleIdList: null } }, true],
    [{ naver: { roleIdList: ['a'] } }, true],
    [{ naver: { roleIdList: 'a' } }, false],
    [{ naver: { profileNrn: 'a' } }, false],
    [{ nerm: { id_proofing_status: 'pass' } }, true],
    [{ nerm: { id_proofing_status: 'passed' } }, false],
  ])('has the limits of the fields of one vendor: %j %s', (extensions, takes) => {
    expect(mismatches(body, { extensions }).length === 0).toBe(takes);
  });
});

describe('the schema of a profile', () => {
  const names = { id: 'x:1', target: 'x', upstreamId: '1' };

  it.each<[JsonObject, boolean]>([
    [{ ...names, vendor: 'nerm' }, true],
    [{ ...names, vendor: 'nerm', status: 'on_leave' }, true],
    [{ ...names, vendor: 'naver', status: 'on_leave' }, false],
    [{ ...names, vendor: 'nerm', description: 'a' }, false],
    [{ ...names, vendor: 'nerm', extensions: { nerm: { archived: true } } }, false],
    [{ ...names, vendor: 'nerm', extensions: { naver: {} } }, false],
    [{ ...names, vendor: 'nobody' }, false],
    [{ target: 'x', upstreamId: '1', vendor: 'nerm' }, false],
    [{ ...names, vendor: 'nerm', createdAt: 'yesterday' }, false],
  ])('is that of its vendor: %j %s', (profile, fits) => {
    expect(mismatches(schemaAt('Profile'), profile).length === 0).toBe(fits);
  });
});

describe('a fifth vendor', () => {
  const five = openApiDocument([...adapters, fifthAdapter]);
  const check = createResponseCheck(five);

  it('changes the document by its declarations alone', async () => {
    expect(await new Validator().validate(structuredClone(five))).toEqual({ valid: true });
    const schemas = at(five, 'components', 'schemas');
    expect(schemas['ExtensionsPatch.fifth']).toEqual({
      type: 'object',
      properties: {
        grade: { type: ['integer', 'null'], minimum: 1, maximum: 9, description: '1 to 9' },
        level: { type: ['string', 'null'], enum: ['low', 'high', null], 'x-sensitive': true },
        code: {
          type: 'string',
          minLength: 2,
          allOf: [{ pattern: '^A' }, { pattern: 'Z$' }],
          description: '2 code points or more; must begin with A; must end with Z; no umlauts',
        },
        secret: {
          type: 'string',
          maxLength: 8,
          'x-minBytes': 2,
          'x-maxBytes': 8,
          description: '2 to 8 bytes',
          writeOnly: true,
        },
        tags: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
      },
      additionalProperties: false,
    });
    expect(schemas['Extensions.fifth']).toEqual({
      type: 'object',
      properties: {
        grade: { type: 'integer' },
        level: { type: 'string', enum: ['low', 'high'], 'x-sensitive': true },
        code: { type: 'string' },
        tags: { type: 'object', additionalProperties: { type: 'string' } },
        seenAt: { type: 'string', format: 'date-time', readOnly: true },
      },
      additionalProperties: false,
    });
  });

  it('is a profile of its own', () => {
    const profile = { id: 'a', target: 'b', upstreamId: 'c', vendor: 'fifth' };
    expect(check.mismatches(schemaAt('Profile'), profile)).toEqual([]);
    expect(mismatches(schemaAt('Profile'), profile)).not.toEqual([]);
  });
});

function createTestApp(): Hono {
  const ports: Ports = {
    send: () => Promise.reject(new Error('nothing is sent')),
    ...clockOf(() => 0),
    random: () => 0,
    sleep: () => Promise.resolve(),
    digests: { sha256Hex: () => '', hmacSha256: () => '' },
    state: createMemoryState(() => 0),
    log: () => undefined,
    meter: createMetrics(),
    deadlineMs: 1_000,
  };
  return createApp({ adapters, ports, gateway: () => undefined });
}
