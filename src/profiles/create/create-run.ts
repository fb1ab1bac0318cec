import type { Fault, JsonObject, MaybePromise } from '../../adapter-kit/index.ts';
import type { LinkTargets } from '../../state/control/control-rows.ts';
import type { Lease } from '../../state/state-store.ts';
import type { Exchange } from '../../upstream/exchange.ts';
import type { CreateIntent } from '../../writes/create-intent.ts';
import type { Gateway } from '../patch-request.ts';
import type { CreateRequest } from './create-request.ts';
import type { CreateEnd } from './judge-create.ts';
import type { PlannedCreate } from './plan-create.ts';

/** The targets of the configuration that a create began with, and those in force later. */
export type CreateGateway = Gateway & {
  readonly targetsInForce: () => MaybePromise<Gateway['targets']>;
};

/** The parts of a create that its links decide. */
export type CreateLinks = {
  /** Reason why the id cannot be linked. */
  readonly refusal: Fault | undefined;
  /** Targets that a file links the id to. */
  readonly below: LinkTargets;
  /** Returns the id that leads to a profile once it is linked; undefined where that does not. */
  readonly leadingId: (upstreamId: string) => Promise<string | undefined>;
};

/** A create that has begun. */
export type BegunCreate = {
  readonly lease: Lease;
  readonly trace: JsonObject | undefined;
  readonly intent: CreateIntent;
};

export type CreateRun = BegunCreate & {
  readonly gateway: CreateGateway;
  readonly exchange: Exchange;
  readonly request: CreateRequest;
  readonly planned: PlannedCreate;
  readonly links: CreateLinks;
};

/** End of a create as far as it is known, and its cause where it is no success. */
export type EndedCreate = CreateEnd & {
  readonly intent: CreateIntent;
  readonly fault?: Fault | undefined;
};
