import type { components } from './generated/api-types.ts';

type Schemas = components['schemas'];

/** A profile in canonical form; `vendor` says which extensions it has. */
export type Profile = Schemas['Profile'];
/** A JSON Merge Patch of a profile (RFC 7396): null clears a member. */
export type ProfilePatch = Schemas['ProfilePatch'];
/** A new profile: its members, the name of its target, and perhaps the id that it is linked to. */
export type NewProfile = Schemas['NewProfile'];
/** Report of a write: its outcome, and what the patch lost on the way. */
export type WriteReport = Schemas['WriteReport'];
/** An error of the gateway, as RFC 9457 describes it. */
export type Problem = Schemas['Problem'];
export type Capabilities = Schemas['Capabilities'];
export type Explanation = Schemas['Explanation'];

/** Codes of the gateway; each has a page at `/problems/{code}`. */
export type ProblemCode = Problem['code'];

/** Codes of calls that ended without a readable response of the gateway. */
export type TransportCode =
  /** The connection failed, or something between answered in place of the gateway. */
  | 'no_response'
  /** The time of the call was over. */
  | 'deadline_exceeded'
  /** The caller's signal has ended the call. */
  | 'aborted';

export type FailureCode = ProblemCode | TransportCode;
