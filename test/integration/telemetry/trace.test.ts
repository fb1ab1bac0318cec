import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { createSandboxSet, sandboxConfiguration } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import {
  formatTraceparent,
  parseTraceparent,
  passTracesOn,
} from '../../../src/telemetry/tracing.ts';
import { type Child, CLI, end, LISTENING, node } from '../../support/child.ts';
import { patch, read } from '../../support/client.ts';
import { type Collector, type ReceivedSpan, startCollector } from '../../support/collector.ts';
import { close } from '../../support/gateway.ts';
import { IAM, NAVER, NERM } from '../../support/profiles.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;
const SENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;

const folder = mkdtempSync(join(tmpdir(), 'gateway-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a traceparent header', () => {
  const tracer = passTracesOn(Math.random);

  it.each([
    [TRACEPARENT, true],
    [`00-${TRACE_ID}-${PARENT_ID}-00`, false],
    [`00-${TRACE_ID}-${PARENT_ID}-03`, true],
    [`01-${TRACE_ID}-${PARENT_ID}-01`, true],
    [`cc-${TRACE_ID}-${PARENT_ID}-01-what-comes-later`, true],
  ])('is taken: %s', (header, sampled) => {
    expect(parseTraceparent(header)).toEqual({ traceId: TRACE_ID, spanId: PARENT_ID, sampled });
  });

  it.each([
    undefined,
    '',
    'x',
    `ff-${TRACE_ID}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${PARENT_ID}-01-more`,
    `00-${TRACE_ID}-${PARENT_ID}-01-`,
    `cc-${TRACE_ID}-${PARENT_ID}-01.more`,
    `00-${'0'.repeat(32)}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${PARENT_ID}-0x`,
    `00-${TRACE_ID}-${PARENT_ID}`,
    ` ${TRACEPARENT}`,
    `${TRACEPARENT}, ${TRACEPARENT}`,
    `${TRACEPARENT}\n`,
  ])('is not taken: %j', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it('is passed on as it came where nothing records', () => {
    const { context } = tracer('server', parseTraceparent(TRACEPARENT));
    const step = tracer('client', context);
    expect(formatTraceparent(step.context)).toBe(TRACEPARENT);
  });

  it('is made where there is none, each time another and never sampled', () => {
    const made = Array.from({ length: 50 }, () => tracer('server', undefined).context);
    expect(new Set(made.map(({ traceId }) => traceId)).size).toBe(50);
    for (const context of made) {
      expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
      expect(context.sampled).toBe(false);
    }
  });

  it.each([0, 1 - 2 ** -53])('is made of any random number: %d', (drawn) => {
    const { context } = passTracesOn(() => drawn)('server', undefined);
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
  });
});

type Running = {
  readonly origin: string;
  readonly child: Child;
  /** The `traceparent` of every request that reached a vendor. */
  readonly sent: readonly { readonly path: string; readonly traceparent: string | null }[];
  readonly stop: () => Promise<void>;
};

/** The gateway as it is started, in front of sandboxes that keep what they are sent. */
async function start(env: Readonly<Record<string, string>>): Promise<Running> {
  const set = createSandboxSet(Date.now, sandboxes);
  const sent: { path: string; traceparent: string | null }[] = [];
  const vendors = await listen(
    (request) => {
      const { pathname } = new URL(request.url);
      sent.push({ path: pathname, traceparent: request.headers.get('traceparent') });
      return set.fetch(request);
    },
    '127.0.0.1',
    0,
  );
  const path = join(folder, `${new URL(vendors.origin).port}.json`);
  const document = { ...sandboxConfiguration(set, vendors.origin), listen: { drainDelayMs: 0 } };
  writeFileSync(path, JSON.stringify(document));
  const child = node([CLI, '--config', path, '--port', '0'], { env });
  onTestFinished(async () => {
    await end(child);
    await close(vendors);
  });
  const origin = (await child.says(LISTENING))[1] ?? '';
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  };
  return { origin, child, sent, stop };
}

async function collecting(): Promise<Collector> {
  const collector = await startCollector();
  onTestFinished(collector.close);
  return collector;
}

describe('with a collector', () => {
  it('the spans of a request arrive as one trace below the caller', async () => {
    const collector = await collecting();
    const { child, origin, sent, stop } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=CANARYSECRET',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const headers = { traceparent: TRACEPARENT, 'x-request-id': 'traced' };
    const values = { description: 'CANARYVALUE', status: 'inactive' };
    expect((await patch(origin, NAVER, values, headers)).status).toBe(200);
    expect((await read(origin, IAM, headers)).status).toBe(200);
    await stop();

    const roots = collector.spans.filter(({ kind }) => kind === 'SPAN_KIND_SERVER');
    expect(roots).toMatchObject([
      { name: 'PATCH /profiles/:id', parentSpanId: PARENT_ID },
      { name: 'GET /profiles/:id', parentSpanId: PARENT_ID },
    ]);
    const below = ({ spanId }: ReceivedSpan): string[] =>
      collector.spans.filter(({ parentSpanId }) => parentSpanId === spanId).map(({ name }) => name);
    const [write, reading] = roots.map(below);
    expect(write?.filter((name) => name === 'write naver-demo')).toHaveLength(2);
    expect(reading).toEqual(['token iam-demo', 'read iam-demo']);
    const steps = collector.spans.filter(({ kind }) => kind === 'SPAN_KIND_CLIENT');
    expect(steps).toHaveLength((write?.length ?? 0) + (reading?.length ?? 0));
    for (const { resource, traceId } of collector.spans) {
      expect(traceId).toBe(TRACE_ID);
      expect(resource).toMatchObject({
        'service.name': 'profile-gateway',
        'deployment.environment.name': 'test',
      });
    }
    // What a vendor is sent names the very span of that request.
    const named = sent.map(({ traceparent }) => parseTraceparent(traceparent ?? undefined));
    expect(named).toEqual(steps.map(({ spanId, traceId }) => ({ traceId, spanId, sampled: true })));

    expect(roots[0]?.attributes).toEqual({
      'http.request.method': 'PATCH',
      'http.route': '/profiles/:id',
      'http.response.status_code': '200',
      'gateway.request_id': 'traced',
      'gateway.target': 'naver-demo',
      'gateway.vendor': 'naver',
      'gateway.outcome': 'applied',
    });
    expect(steps.at(-1)?.attributes).toEqual({
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'gateway.target': 'iam-demo',
      'gateway.vendor': 'iam',
      'http.response.status_code': '200',
    });
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf', 'x-collector-key': 'CANARYSECRET' },
    });
    expect(collector.bytes()).not.toMatch(/CANARY|sandbox-/);
    expect(child.stdout()).not.toContain('CANARY');
    expect(child.stdout()).toContain(`"requestId":"traced","traceId":"${TRACE_ID}"`);
  });

  it('a request without a trace, or with a broken one, begins its own', async () => {
    const collector = await collecting();
    const { origin, stop } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    await read(origin, NERM);
    await read(origin, NERM, { traceparent: `00-${'0'.repeat(32)}-${PARENT_ID}-01` });
    await read(origin, 'nerm-demo:nothing', { traceparent: 'CANARY' });
    await stop();
    const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === '');
    expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(3);
    expect(roots.map(({ attributes }) => attributes['gateway.code'])).toEqual([
      undefined,
      undefined,
      'invalid_id',
    ]);
  });

  it('a caller that does not record is not recorded, and its trace goes on', async () => {
    const collector = await collecting();
    const { origin, sent, stop } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    await read(origin, NERM, { traceparent: `00-${TRACE_ID}-${PARENT_ID}-00` });
    await stop();
    expect(collector.spans).toEqual([]);
    expect(sent[0]?.traceparent).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
  });

  it.each([
    ['always_off', undefined, 0],
    ['traceidratio', '0', 0],
    ['parentbased_traceidratio', '1', 2],
  ])('the sampler of the environment decides: %s %s', async (name, ratio, spans) => {
    const collector = await collecting();
    const { origin, stop } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_TRACES_SAMPLER: name,
      ...(ratio === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: ratio }),
    });
    await read(origin, NERM);
    await stop();
    expect(collector.spans).toHaveLength(spans);
  });

  it('a request is named by the trace that it begins, and never by one that it is a part of', async () => {
    const collector = await collecting();
    const { origin, stop } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    const begun = await read(origin, NERM);
    const first = await read(origin, NERM, { traceparent: TRACEPARENT });
    const second = await read(origin, NERM, { traceparent: TRACEPARENT });
    await stop();
    const [root] = collector.spans.filter(({ parentSpanId }) => parentSpanId === '');
    expect(begun.headers['x-request-id']).toBe(root?.traceId);
    const ids = [first, second].map(({ headers }) => headers['x-request-id']);
    expect(new Set([...ids, TRACE_ID]).size).toBe(3);
  });

  it.each([
    ['OTEL_SDK_DISABLED', 'TRUE', 0],
    ['OTEL_TRACES_EXPORTER', 'none', 0],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '', 2],
    ['OTEL_BSP_SCHEDULE_DELAY', '10', 2],
  ])('the environment has its say: %s=%s', async (name, value, spans) => {
    const collector = await collecting();
    const { origin, stop } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      [name]: value,
    });
    await read(origin, NERM);
    await stop();
    expect(collector.spans).toHaveLength(spans);
  });

  it('whose address is none, the log says so', async () => {
    const { child, stop } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:CANARY' });
    await stop();
    expect(child.stdout()).toContain('OTEL_EXPORTER_OTLP_ENDPOINT must be an http(s) URL');
    expect(child.stdout()).not.toContain('CANARY');
  });

  it('that is gone, requests are answered and the log says so', async () => {
    const { child, origin, stop } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=CANARYSECRET',
    });
    expect((await read(origin, NERM)).status).toBe(200);
    await stop();
    expect(child.stdout()).toContain('"event":"tracing","message":"spans cannot be exported"');
    expect(child.stdout() + child.stderr()).not.toContain('CANARYSECRET');
  });
});

test('without a collector a trace is passed on, and one is begun where there is none', async () => {
  const { child, origin, sent, stop } = await start({});
  await read(origin, NERM, { traceparent: TRACEPARENT });
  await read(origin, NERM);
  await read(origin, NERM, { traceparent: `${TRACEPARENT}\u00e9` });
  await stop();
  expect(sent[0]?.traceparent).toBe(TRACEPARENT);
  for (const { traceparent } of sent.slice(1)) {
    expect(traceparent).toMatch(SENT);
    expect(traceparent).not.toContain(TRACE_ID);
    const { traceId = '-' } = parseTraceparent(traceparent ?? undefined) ?? {};
    expect(child.stdout()).toContain(`"traceId":"${traceId}"`);
  }
});
