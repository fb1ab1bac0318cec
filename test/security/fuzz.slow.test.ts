import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_OF_CODE } from '../../src/adapter-kit/index.ts';
import { read } from '../support/client.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { IAM, NAVER, NERM, SENLIN } from '../support/profiles.ts';
import { createRandom } from './fuzz-random.ts';
import { type FuzzRequest, randomRequest } from './fuzz-requests.ts';
import { createFuzzSocket, type FuzzAnswer, type FuzzEnd } from './fuzz-socket.ts';

const COUNT = process.env.FULL === '1' ? 100_000 : 10_000;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const SOCKETS = 16;
const TEST_MS_MAX = COUNT * 12;

/** What Node answers itself to what is no HTTP request, before the gateway sees it. */
const SERVER_STATUSES = [400, 408, 413, 417, 431];

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

describe(`${COUNT} random requests (SEED=${SEED})`, () => {
  it('are all answered, and every refusal is a problem with a known code', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const counts = new Map<string, number>();
    let next = 0;
    const worker = async (): Promise<void> => {
      const socket = createFuzzSocket(gateway.origin);
      for (let index = next++; index < COUNT; index = next++) {
        const request = randomRequest(createRandom(SEED + index * 7919));
        const end = await socket.send(request);
        const wrong = whatIsWrong(request, end);
        if (wrong !== undefined) throw new Error(`${wrong}: ${told(request, end, index)}`);
        const kind = kindOf(end);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      socket.discard();
    };
    await Promise.all(Array.from({ length: SOCKETS }, worker));
    const summary = [...counts]
      .toSorted(([, a], [, b]) => b - a)
      .map(([kind, n]) => `${kind} ${n}`);
    process.stdout.write(`SEED=${SEED}: ${summary.join(', ')}\n`);
    expect(total(counts)).toBe(COUNT);
    // Noise that never gets past the front door would prove nothing.
    for (const kind of REACHED)
      expect.soft(counts.get(kind) ?? 0, kind).toBeGreaterThan(COUNT / 1_000);
    expect(counts.get('closed') ?? 0).toBeLessThan(COUNT / 50);
  });

  it('leave the service as able as before', async () => {
    for (const id of [SENLIN, NERM, IAM, NAVER]) {
      const answer = await read(gateway.origin, id);
      expect({ id, status: answer.status }).toEqual({ id, status: 200 });
    }
    expect(gateway.logs.filter(({ code }) => code === 'internal_error')).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

/** Ends that must be common, so that all of the gateway is under fire. */
const REACHED = [
  '200',
  'invalid_patch',
  'unsupported_patch',
  'malformed_json',
  'invalid_id',
  'unknown_target',
  'route_not_found',
  'profile_not_found',
  'method_not_allowed',
  'not_found',
  'unsupported_media_type',
  'precondition_failed',
  'rejected_by_target',
  'body_too_large',
];

function whatIsWrong({ isFramed, method }: FuzzRequest, end: FuzzEnd): string | undefined {
  if (end === 'closed') return undefined;
  if (end === 'silence') return isFramed ? 'no answer in time' : undefined;
  const { body, headers, status } = end;
  if (status === 500) return 'the gateway failed';
  if (status < 400) return body === '' || isJson(body) ? undefined : 'no JSON';
  const requestId = headers.get('x-request-id');
  if (requestId === undefined) {
    return SERVER_STATUSES.includes(status) ? undefined : 'an answer of nobody';
  }
  if (headers.get('content-type') !== 'application/problem+json') return 'no problem';
  if (method === 'HEAD') return body === '' ? undefined : 'a body for HEAD';
  const problem = problemOf(end);
  const known = Object.entries(STATUS_OF_CODE).some(
    ([code, ofCode]) => code === problem.code && ofCode === status && status === problem.status,
  );
  if (!known) return 'an unknown code';
  return problem.requestId === requestId ? undefined : 'another request id';
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

function problemOf({ body }: FuzzAnswer): Record<string, unknown> {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

function kindOf(end: FuzzEnd): string {
  if (typeof end === 'string') return end;
  const { code } = problemOf(end);
  if (typeof code === 'string') return code;
  return end.headers.has('x-request-id') ? String(end.status) : `${end.status} of the server`;
}

function told({ bytes }: FuzzRequest, end: FuzzEnd, index: number): string {
  const request = JSON.stringify(bytes.subarray(0, 2_000).toString('latin1'));
  const answer = typeof end === 'string' ? end : `${end.status} ${end.body.slice(0, 500)}`;
  return `SEED=${SEED}, request ${index}: ${request} gave ${answer}`;
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
