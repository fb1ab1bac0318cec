import {
  type Change,
  type Fault,
  type Json,
  type JsonObject,
  type StoredProfile,
  succeed,
} from '../../../src/adapter-kit/index.ts';
import { decide } from '../../../src/writes/decide.ts';
import {
  type SendResult,
  startWrite,
  type UnansweredSend,
  type WriteState,
  withAccepted,
  withRead,
  withUnresolvedSend,
} from '../../../src/writes/write-state.ts';
import { changeOf, fieldOf } from '../../support/fields.ts';

/** Changes, profiles and sends about which a test has `decide` decide. */
export const SENT_AT_MS = Date.parse('2026-05-05T12:00:00Z');
/** The vendor's clock, a second after the send. */
export const CLOCK = { date: 'Tue, 05 May 2026 12:00:01 GMT', atMs: SENT_AT_MS + 1000 };
export const LOST: Fault = { code: 'target_timeout', detail: 'No response.', effect: 'possible' };

const change = (name: string, value: Json): Change =>
  changeOf(fieldOf({ pointer: `/${name}`, wireName: name }), value);
export const profile = (content: JsonObject): StoredProfile => ({ upstreamId: 'p', content });

export const NAME = change('name', 'new');
export const NOTE = change('description', 'text');
export const OLD = profile({ name: 'old' });
export const NEW = profile({ name: 'new' });
export const HIDDEN: Change = { ...NAME, field: { ...NAME.field, confirmation: 'never' } };

export type Unanswered = Partial<UnansweredSend> & Pick<SendResult, 'read'>;

/** Decides after a send of `NAME` without a response; `before` was read ahead of it. */
export function afterLoss(more: Unanswered, start = startWrite([NAME]), clock = CLOCK) {
  const baseline = { profile: OLD, excluding: [] };
  const send = { fault: LOST, changes: [NAME], baseline, sentAtMs: SENT_AT_MS, ...more };
  const state = withUnresolvedSend(withRead(start, send.baseline.profile), send.changes);
  return decide(state, { kind: 'no_response', ...send }, clock);
}

export const unread = { profile: undefined, excluding: [] };
export const shown = (content: JsonObject) => succeed(profile(content));

/** Decides after a response that shows `response`. */
export function afterResponse(
  response: StoredProfile | undefined,
  { read, ...more }: { read?: SendResult['read']; noop?: true } = {},
  start: WriteState = withRead(startWrite([NAME]), OLD),
) {
  const state = withAccepted(start, start.pending, response?.content, OLD.content);
  const written = { profile: response, ...more };
  const sent: SendResult = {
    kind: 'accepted',
    written,
    last: [NAME],
    sentAtMs: SENT_AT_MS,
    ...(read === undefined ? {} : { read }),
  };
  return decide(state, sent, CLOCK);
}
