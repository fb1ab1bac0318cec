import {
  type Change,
  type CreateOperation,
  type FieldError,
  type FieldIndex,
  fail,
  ownFault,
  type Result,
  succeed,
} from '../../adapter-kit/index.ts';
import { mayUse, refuseFields } from '../../auth/permissions.ts';
import { FIELD_ERRORS_MAX } from '../../limits.ts';
import { dropped, type Loss, planCreate, type Refusal } from '../../writes/plan.ts';
import { lacksOperation } from '../operation-support.ts';
import type { Gateway } from '../patch-request.ts';
import { withSupport } from '../plan-patch.ts';
import type { CreateRequest } from './create-request.ts';

/** A create as the target takes it. */
export type PlannedCreate = {
  readonly operation: CreateOperation;
  readonly changes: readonly Change[];
  readonly losses: readonly Loss[];
};

/** The parts of a request that its plan depends on. */
export type CreateToPlan = Pick<CreateRequest, 'caller' | 'entries' | 'preferences' | 'target'>;

/** The plan for a new profile, or the refusal that its handling demands. */
export function planForCreate(gateway: Gateway, request: CreateToPlan): Result<PlannedCreate> {
  const { caller, entries, preferences, target } = request;
  const { create: operation } = target.connection;
  if (operation === undefined) {
    const lacking = lacksOperation(gateway, caller, target, 'create');
    if (lacking !== undefined) return fail(lacking);
    throw new Error('a target without the operation lacks it');
  }
  const forbidden = refuseFields(caller, entries, target.fields);
  if (forbidden !== undefined) return fail(forbidden);
  const { changes, losses, refusals } = planCreate(entries, target.fields, preferences.handling);
  const given = [...changes, ...refusals].map(({ pointer }) => pointer);
  const absent = missingFields(new Set(given), target.fields);
  const unfit = operation.check?.(changes) ?? [];
  const isStrict = preferences.handling === 'strict';
  const isRequired = ({ pointer }: Refusal): boolean =>
    target.fields.get(pointer)?.requiredOnCreate === true;
  // What is missing or does not fit together cannot be left out.
  const isWhole = absent.length + unfit.length === 0 && !refusals.some(isRequired);
  if (isWhole && (refusals.length === 0 || !isStrict)) {
    return succeed({ operation, changes, losses: [...losses, ...dropped(refusals)] });
  }
  const detail = 'The target does not create such a profile; nothing was sent.';
  const takes = (fields: FieldIndex, [entry]: CreateToPlan['entries']): boolean =>
    entry !== undefined && planCreate([entry], fields, 'strict').refusals.length === 0;
  const creating = new Map(
    [...gateway.targets].filter(
      ([name, { connection }]) => connection.create !== undefined && mayUse(caller, name),
    ),
  );
  const errors: FieldError[] = [
    ...withSupport([...refusals, ...unfit], entries, { targets: creating }, caller, takes),
    ...absent,
  ];
  return fail(ownFault('unsupported_patch', detail, { errors: errors.slice(0, FIELD_ERRORS_MAX) }));
}

/** Returns the members that a profile of the target cannot be created without. */
function missingFields(named: ReadonlySet<string>, fields: FieldIndex): Refusal[] {
  return [...fields.values()]
    .filter(({ pointer, requiredOnCreate }) => requiredOnCreate === true && !named.has(pointer))
    .map(({ pointer }) => {
      const detail = 'is required for a new profile';
      return { pointer, code: 'missing_field', detail };
    });
}
