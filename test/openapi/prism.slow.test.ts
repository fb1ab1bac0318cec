import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { FAULT_CODES, isObject, ownObject, parsePlain } from '../../src/adapter-kit/index.ts';
import { PATHS, pathOf } from '../../src/http/paths.ts';
import { createMetrics } from '../../src/node/telemetry/prometheus.ts';
import { ROOT } from '../support/child.ts';
import { call } from '../support/client.ts';
import { isFull } from '../support/counts.ts';
import { startGateway } from '../support/gateway.ts';
import { type PrismProxy, startPrism, type Validated } from './prism-proxy.ts';
import { type Exchange, RECORD_TO, readExchanges } from './recorded.ts';
import { areToolsInstalled, createWorkplace, reportMissingTools } from './tools.ts';

const execute = promisify(execFile);
const { folder, remove } = createWorkplace();

/** The tests whose requests and answers are validated. */
const SUITES = [
  'create/create',
  'deletion/',
  'explain/explain',
  'http/',
  'lifecycle/admin-overview',
  'lifecycle/admin-drain',
  'lifecycle/admin-filters',
  'lifecycle/admin-in-doubt',
  'lifecycle/admin-lift',
  'lifecycle/admin-receipts',
  'links/links',
  'links/lists',
  'listing/lists',
  'matching/matches',
];
/** Operations that only slower tests use. */
const ALONE = [
  '/admin/config',
  '/metrics',
  '/openapi.json',
  '/problems/conflict',
  '/profiles?target=nerm-demo',
  '/readyz',
];
const SUITE_MS_MAX = 400_000;
const AT_ONCE = 8;
/** Exchanges of one kind that are validated where not all are. */
const OF_EACH_MAX = 3;
/** Longest JSON that Prism reads without a stack overflow. */
const BODY_BYTES_MAX = 100_000;

let exchanges: readonly Exchange[];
let proxy: PrismProxy | undefined;

reportMissingTools('Prism');

describe.skipIf(!areToolsInstalled)('by Prism as a proxy', () => {
  beforeAll(async () => {
    const recorded = join(folder, 'exchanges.jsonl');
    const files = SUITES.map((suite) => `test/integration/${suite}`);
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
    const env = { ...Object.fromEntries(own), [RECORD_TO]: recorded };
    const run = execute(process.execPath, [vitest, 'run', '--project', 'node', ...files], {
      cwd: ROOT,
      env,
    });
    // A test that fails does so in its own run too; here its requests and answers matter.
    await run.catch(() => undefined);
    await callAlone(recorded);
    exchanges = readExchanges(recorded).filter(isOfOperation);
    proxy = await startPrism(folder);
  }, SUITE_MS_MAX);
  afterAll(() => proxy?.stop());
  afterAll(remove);

  test('the tests cause each problem and use each operation', () => {
    const codes = new Set(exchanges.map(({ answer }) => codeOf(answer.text)));
    const missing = Object.keys(FAULT_CODES).filter((code) => !codes.has(code));
    expect(missing).toEqual([]);
    const used = new Set(
      exchanges.map(
        ({ method, path }) => `${method} ${pathOf(new URL(path, 'http://a').pathname)}`,
      ),
    );
    const operations = Object.entries(PATHS).flatMap(([path, methods]) =>
      methods.map((method) => `${method} ${path}`),
    );
    expect(operations.filter((operation) => !used.has(operation))).toEqual([]);
  });

  test(
    'each answer is as the document says, and each request that is not rejected',
    async () => {
      const wrong: string[] = [];
      const validated = isFull ? exchanges : fewOfEach(exchanges);
      const left = [...validated.keys()];
      const work = async (): Promise<void> => {
        for (let i = left.shift(); i !== undefined; i = left.shift()) {
          const exchange = validated[i];
          if (exchange !== undefined) wrong.push(...(await mistakes(exchange)));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      expect(wrong).toEqual([]);
      expect(exchanges.length).toBeGreaterThan(1_000);
      expect(validated.length).toBeGreaterThan(200);
    },
    SUITE_MS_MAX,
  );

  test('a wrong answer and a wrong request are found', async () => {
    const path = '/profiles/a:1';
    const headers = { 'content-type': 'application/json' };
    const good = exchanges.find(
      ({ answer, method }) => method === 'PATCH' && answer.status === 200,
    );
    if (good === undefined) throw new Error('no write has succeeded');
    const written = JSON.parse(good.answer.text);
    const answer = {
      ...good.answer,
      text: JSON.stringify({ ...written, write: { ...written.write, outcome: 'partial' } }),
    };
    expect(await mistakes({ ...good, answer })).toEqual([expect.stringContaining('outcome')]);
    const body = '{"surprise":1}';
    expect(await mistakes({ ...good, path, headers, body })).toEqual([
      expect.stringContaining('surprise'),
    ]);
  });
});

/** The first exchanges of each operation with each status and code. */
function fewOfEach(all: readonly Exchange[]): Exchange[] {
  const kinds = Map.groupBy(all, ({ answer, method, path }) =>
    [method, pathOf(new URL(path, 'http://a').pathname), answer.status, codeOf(answer.text)].join(),
  );
  return [...kinds.values()].flatMap((same) => same.slice(0, OF_EACH_MAX));
}

/** Records the operations of `ALONE`. */
async function callAlone(recorded: string): Promise<void> {
  const gateway = await startGateway({ signals: { meter: createMetrics() } });
  vi.stubEnv(RECORD_TO, recorded);
  for (const path of ALONE) await call(gateway.origin, path);
  vi.unstubAllEnvs();
  await gateway.stop();
}

/** Lists what Prism finds wrong with an exchange that the gateway has not rejected for it. */
async function mistakes(exchange: Exchange): Promise<string[]> {
  const { answer, method, path } = exchange;
  const validated = await proxy?.validate(legible(exchange));
  if (validated === undefined) return ['there is no proxy'];
  const isRefused = answer.status >= 400 && answer.status < 500;
  // What is written for readers only is dropped where the caller is lenient, or predicted to fail.
  const isDropped = /"kind":"dropped"|"prediction":"rejected"/.test(answer.text);
  if (!validated.isPassedOn && !(isRefused && isOutside(validated))) {
    return [`${method} ${path} ${answer.status}: ${validated.status} ${validated.text}`];
  }
  return validated.violations
    .filter(({ location: [place] }) => place !== 'request' || !(isRefused || isDropped))
    .map(({ location, message }) => `${method} ${path} ${answer.status}: ${location} ${message}`);
}

/** HEAD, which follows GET, and the reference page are no operations of the document. */
function isOfOperation({ method, path }: Exchange): boolean {
  return method !== 'HEAD' && !path.startsWith('/docs');
}

/** Reports whether Prism has rejected a path or method that the document does not have. */
function isOutside({ text }: Validated): boolean {
  return /NO_(?:PATH|METHOD|SERVER)_MATCHED/.test(text);
}

/**
 * Replaces what Prism cannot read, and never answers or ends at, by something that it can: the
 * answer is validated all the same.
 */
function legible(exchange: Exchange): Exchange {
  const { body, headers } = exchange;
  const path = canDecode(exchange.path) ? exchange.path : exchange.path.replaceAll('%', '');
  if (body === undefined || isLegible(exchange)) return { ...exchange, path };
  const { 'content-encoding': _, ...others } = headers;
  return { ...exchange, path, headers: { ...others, ...JSON_TYPE }, body: '{}' };
}

const JSON_TYPE = { 'content-type': 'application/json' };

function isLegible({ answer, body = '', headers }: Exchange): boolean {
  if (answer.status === 415) return false;
  const text = Buffer.from(body).toString('utf8');
  const { 'content-encoding': encoding, 'content-type': type = '' } = headers;
  if (encoding !== undefined || /;(?! ?charset=utf-8$)/.test(type)) return false;
  if (!/[/+]json\b/.test(type)) return true;
  if (text.length > BODY_BYTES_MAX || text.startsWith('\ufeff')) return false;
  return parsePlain(text) !== undefined;
}

function canDecode(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function codeOf(text: string): unknown {
  const problem = parsePlain(text);
  return isObject(problem ?? null) ? ownObject({ problem: problem ?? null }, 'problem')?.code : '';
}
