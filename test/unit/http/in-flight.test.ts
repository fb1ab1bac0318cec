import { expect, test } from 'vitest';
import type { Caller } from '../../../src/auth/caller.ts';
import { createInFlight } from '../../../src/http/in-flight.ts';
import type { RequestState } from '../../../src/http/request-state.ts';
import { BODY_BYTES_IN_FLIGHT_MAX } from '../../../src/limits.ts';

const caller: Caller = { name: 'one', scopes: new Set(), maxConcurrentRequests: 1 };
const request = (startMs: number): RequestState =>
  ({ startMs, heldBytes: 0, countedFor: undefined }) as RequestState;

test('what a request holds is given back once, when it ends', () => {
  const inFlight = createInFlight(() => 0);
  const [first, second] = [request(0), request(0)];
  expect([inFlight.enter(first, caller), inFlight.enter(second, caller)]).toEqual([true, false]);
  expect(inFlight.hold(first, BODY_BYTES_IN_FLIGHT_MAX)).toBe(true);
  expect(inFlight.hold(second, 1)).toBe(false);
  expect(inFlight.hold(first, BODY_BYTES_IN_FLIGHT_MAX - 1)).toBe(true);
  expect(inFlight.hold(second, 1)).toBe(true);
  inFlight.end(first);
  inFlight.end(first);
  expect(inFlight.enter(second, caller)).toBe(true);
  expect(inFlight.hold(second, BODY_BYTES_IN_FLIGHT_MAX)).toBe(true);
});

test('what an invocation holds that was stopped is given back after a minute', () => {
  let nowMs = 0;
  const inFlight = createInFlight(() => nowMs);
  const stopped = request(0);
  expect(inFlight.enter(stopped, caller)).toBe(true);
  expect(inFlight.hold(stopped, BODY_BYTES_IN_FLIGHT_MAX)).toBe(true);
  nowMs = 60_000;
  expect(inFlight.enter(request(nowMs), caller)).toBe(false);
  nowMs = 61_001;
  const later = request(nowMs);
  expect(inFlight.enter(later, caller)).toBe(true);
  expect(inFlight.hold(later, 1)).toBe(true);
});
