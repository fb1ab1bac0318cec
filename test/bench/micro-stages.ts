import { openSync } from 'node:fs';
import { adapters } from '../../adapters/index.ts';
import type { HttpRequest, JsonObject, Result } from '../../src/adapter-kit/index.ts';
import { mayUse } from '../../src/auth/permissions.ts';
import type { ConfigSnapshot } from '../../src/config/snapshot.ts';
import { readPreferences } from '../../src/http/middleware/profile-request.ts';
import { problemOf } from '../../src/http/problem-details.ts';
import { loadDocument } from '../../src/node/config/load-config.ts';
import { nodeDigests } from '../../src/node/digests.ts';
import { createNodeLog } from '../../src/node/telemetry/json-log.ts';
import { planFor } from '../../src/profiles/plan-patch.ts';
import { tagged } from '../../src/profiles/representation.ts';
import { resolve } from '../../src/routing/resolve.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import type { Target } from '../../src/upstream/target.ts';
import { confirm, isAlreadyApplied } from '../../src/writes/compare.ts';
import { parsePatchText } from '../../src/writes/parse-patch.ts';
import { type ProfilePatch, patchSchema } from '../../src/writes/patch-schema.ts';
import type { Call, Stage } from './micro-measure.ts';

/** A patch that is measured, and what it takes to play its vendor. */
export type Sample = {
  readonly vendor: string;
  readonly settings: JsonObject;
  readonly upstreamId: string;
  readonly patch: JsonObject;
  /** What the vendor answers to the write of `patch`. */
  readonly answer: JsonObject;
  /** Another patch, of which two members do not fit. */
  readonly unfit: JsonObject;
};

const REQUEST_ID = '5f0c1e9a-7b1d-4c8e-9f2a-3d4b5c6d7e8f';
/** Lines that come while another is written are joined, and wait to be written together. */
const LOG_BURST_LINES = 16;

const schema = patchSchema(adapters);
const preferences = readPreferences(undefined);
const { flush, log } = createNodeLog('info', openSync('/dev/null', 'w'));

/**
 * Every stage of each sample, those of one name beside each other; vendors that sign nothing have
 * no `sign`. Throws where a stage does not do what it is measured for.
 */
export async function createStages(samples: readonly Sample[]): Promise<readonly Stage[]> {
  const all = (await Promise.all(samples.map(stagesOf))).flat();
  const names = new Set(all.map(({ name }) => name));
  return [...names].flatMap((name) => all.filter((stage) => stage.name === name));
}

async function stagesOf(sample: Sample): Promise<Stage[]> {
  const { upstreamId, vendor } = sample;
  const text = JSON.stringify(sample.patch);
  const gateway = await gatewayOf(sample);
  const id = `emp-${upstreamId}`;
  const route = () => {
    const may = (target: string): boolean => mayUse(undefined, target);
    return resolve({ id, header: () => undefined, caller: undefined, mayUse: may }, gateway);
  };
  // What each stage takes is what the ones before it gave.
  const resolved = taken(await route());
  const { target } = resolved;
  const request = { caller: undefined, patch: await patchOf(text), preferences, resolved };
  const { changes } = taken(planFor(gateway, request));
  const unfit = await patchOf(JSON.stringify(sample.unfit));
  const refused = planFor(gateway, { ...request, patch: unfit });
  if (refused.ok || refused.fault.errors?.length !== 2) {
    throw new Error(`${vendor} does not refuse two members`);
  }
  const refusal = { requestId: REQUEST_ID, outcome: 'rejected', target: vendor } as const;
  const response = { status: 200, headers: {}, body: JSON.stringify(sample.answer) };
  const write = () => target.connection.write(upstreamId, changes, undefined);
  const begun = () => {
    const writes = write();
    return { writes, first: writes.next() };
  };
  const { first, writes } = begun();
  const last = writes.next(response);
  const stored = last.done === true ? taken(last.value).profile : undefined;
  if (first.done === true || stored === undefined || !isAlreadyApplied(changes, stored.content)) {
    throw new Error(`the answer of ${vendor} does not show the patch`);
  }

  const stage = (name: string, call: Call): Stage => ({ name, vendor, prepare: () => call });
  return [
    stage('validate', () => validated(text)),
    stage('resolve', route),
    stage('plan', () => planFor(gateway, request)),
    ...signing(target, first.value.request).map((sign) => stage('sign', sign)),
    stage('encode', () => write().next()),
    {
      name: 'decode',
      vendor,
      prepare: (calls) => {
        // Resumed as after a send, so that all that the adapter does with an answer is measured.
        const waiting = Array.from({ length: calls }, () => begun().writes);
        return () => waiting.pop()?.next(response);
      },
    },
    stage('compare', () => changes.map((change) => confirm(change, stored.content))),
    stage('etag', () => tagged(id, target, stored, nodeDigests)),
    stage('problem', () => {
      const context = { ...refusal, applied: [], notApplied: [] };
      return JSON.stringify(problemOf(refused.fault, context));
    }),
    ...logging(recordOf(id, vendor, request.patch)),
  ];
}

/** A gateway with the vendor's target, and one rule that finds the vendor's id in a caller's. */
async function gatewayOf({ settings, vendor }: Sample): Promise<ConfigSnapshot> {
  const routes = [{ match: { id: 'emp-{upstreamId}' }, to: vendor }];
  const targets = { [vendor]: { vendor, ...settings } };
  const read = await loadDocument({ version: 1, targets, routes });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.gateway;
}

/** By the function of the schema that the gateway's validator calls. */
function validated(text: string) {
  const parsed = parsePatchText(text);
  if (!parsed.ok) throw new Error('a patch cannot be parsed');
  return schema.safeParseAsync(parsed.value);
}

async function patchOf(text: string): Promise<ProfilePatch> {
  const result = await validated(text);
  if (!result.success) throw new Error('a patch does not fit the profile');
  return result.data;
}

function taken<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.fault.detail);
  return result.value;
}

function signing({ connection: { authorization } }: Target, request: HttpRequest): Call[] {
  if (authorization.kind !== 'signature') return [];
  const { sign } = authorization;
  return [() => sign(request, { nowMs: Date.now(), digests: nodeDigests })];
}

/** A line that is written alone, and many in one turn, as under load. */
function logging(record: LogRecord & { readonly target: string }): Stage[] {
  const call = () => {
    log(record);
    return record;
  };
  const prepare = async () => {
    await flush();
    return call;
  };
  const { target: vendor } = record;
  return [
    { name: 'log-line', vendor, prepare, callsMax: 1 },
    { name: 'log-burst', vendor, prepare, callsMax: LOG_BURST_LINES },
  ];
}

/** What the log tells of a request that went well. */
function recordOf(id: string, target: string, { entries }: ProfilePatch) {
  return {
    level: 'info',
    event: 'request',
    requestId: REQUEST_ID,
    method: 'PATCH',
    status: 200,
    version: '0123456789abcdef',
    id,
    pointers: entries.map(({ pointer }) => pointer),
    target,
    rule: 'routes.0',
    evidence: 'response',
    outcome: 'applied',
    unconfirmed: [],
    losses: [],
    steps: [{ purpose: 'write', method: 'PATCH', status: 200, durationMs: 12 }],
    upstreamMs: 12,
    durationMs: 13,
  } satisfies LogRecord;
}
