import { isObject, ownText, parsePlain } from '../../../src/adapter-kit/index.ts';

/** Treatment of a create by its vendor. */
export type Treatment = {
  readonly isHeld?: true;
  readonly is504?: true;
  /** Absent: it is processed at once where it is answered, and else never. */
  readonly afterMs?: number;
};

/** Fate of a create, which its name carries. */
export const CREATE_FATES = {
  answered: {},
  /** Never leaves its replica. */
  unsent: {},
  /** Never processed, and never answered. */
  dropped: { isHeld: true },
  /** Processed so long after it has come, and never answered. */
  late: { isHeld: true, afterMs: 700 },
  later: { isHeld: true, afterMs: 3_000 },
  applied: { isHeld: true, afterMs: 0 },
  /** A front answers with 504: the create is left open by a gateway that goes on. */
  refused: { is504: true },
  refusedlate: { is504: true, afterMs: 3_000 },
} as const satisfies Readonly<Record<string, { isHeld?: true; is504?: true; afterMs?: number }>>;
export type CreateFate = keyof typeof CREATE_FATES;

/** The part of a name whose create stays in its replica. */
export const UNSENT: CreateFate = 'unsent';

/** Steps at which a create's replica ends, each with the fates of the creates. */
export const STEPS = {
  begun: ['answered'],
  read: ['answered'],
  before_send: ['unsent'],
  sent: ['dropped', 'late', 'later', 'applied', 'refused', 'refusedlate'],
  before_end: ['answered'],
} as const satisfies Readonly<Record<string, readonly CreateFate[]>>;
export type CreateStep = keyof typeof STEPS;

/** Returns the id of the request in an intent or in the body of a receipt. */
export function requestIdIn(json: string): string {
  const value = parsePlain(json);
  return (isObject(value) && ownText(value, 'requestId')) || '';
}
