import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_CODES } from '../../src/adapter-kit/index.ts';
import { read } from '../support/client.ts';
import { readSeed } from '../support/counts.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { IAM, NAVER, NERM, SENLIN } from '../support/profiles.ts';
import { createRandom } from './fuzz-random.ts';
import { type FuzzRequest, randomRequest } from './fuzz-requests.ts';
import { createFuzzSocket, type FuzzAnswer, type FuzzEnd } from './fuzz-socket.ts';

const SEED = readSeed();
const SOCKETS = 16;
const REQUEST_MS_MAX = 12;

/** What the HTTP server answers to what is no HTTP request, before the gateway sees it. */
const SERVER_STATUSES = [400, 408, 413, 417, 431, 501];

/** Counts of ends, by kind. */
export type Ends = ReadonlyMap<string, number>;

/** Describes so many random requests; `checkEnds` judges how they ended. */
export function describeFuzz(requests: number, checkEnds: (ends: Ends) => void): void {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  describe(`${requests} random requests (SEED=${SEED})`, () => {
    it('are all answered, and every refusal is a problem with a known code', {
      timeout: Math.max(60_000, requests * REQUEST_MS_MAX),
    }, async () => {
      const ends = await sendAll(gateway.origin, requests);
      const summary = [...ends]
        .toSorted(([, a], [, b]) => b - a)
        .map(([kind, n]) => `${kind} ${n}`);
      process.stdout.write(`SEED=${SEED}: ${summary.join(', ')}\n`);
      expect(total(ends)).toBe(requests);
      expect(ends.get('closed') ?? 0).toBeLessThan(requests / 50);
      checkEnds(ends);
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
}

async function sendAll(origin: string, requests: number): Promise<Ends> {
  const ends = new Map<string, number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    const socket = createFuzzSocket(origin);
    for (let index = next++; index < requests; index = next++) {
      const request = randomRequest(createRandom(SEED + index * 7919));
      const end = await socket.send(request);
      const wrong = whatIsWrong(request, end);
      if (wrong !== undefined) throw new Error(`${wrong}: ${told(request, end, index)}`);
      const kind = kindOf(end);
      ends.set(kind, (ends.get(kind) ?? 0) + 1);
    }
    socket.discard();
  };
  await Promise.all(Array.from({ length: SOCKETS }, worker));
  return ends;
}

function whatIsWrong({ isFramed, method }: FuzzRequest, end: FuzzEnd): string | undefined {
  if (end === 'closed') return undefined;
  if (end === 'silence') return isFramed ? 'no answer in time' : undefined;
  const { body, headers, status } = end;
  if (status === 500) return 'the gateway failed';
  if (status < 400) return body === '' || isJson(body) ? undefined : 'no JSON';
  const requestId = headers.get('x-request-id');
  if (requestId === undefined) return 'an answer of nobody';
  if (headers.get('content-type') !== 'application/problem+json') return 'no problem';
  if (method === 'HEAD') return body === '' ? undefined : 'a body for HEAD';
  const problem = problemOf(end);
  const known = Object.entries(FAULT_CODES).some(
    ([code, ofCode]) =>
      code === problem.code && ofCode.status === status && status === problem.status,
  );
  const isServers = problem.type === 'about:blank' && SERVER_STATUSES.includes(status);
  if (!known && !isServers) return 'an unknown code';
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
  return String(end.status);
}

function told({ bytes }: FuzzRequest, end: FuzzEnd, index: number): string {
  const request = JSON.stringify(bytes.subarray(0, 2_000).toString('latin1'));
  const answer = typeof end === 'string' ? end : `${end.status} ${end.body.slice(0, 500)}`;
  return `SEED=${SEED}, request ${index}: ${request} gave ${answer}`;
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
