import {
  type Change,
  type FieldError,
  type FieldIndex,
  fail,
  ownFault,
  type Result,
  succeed,
} from '../adapter-kit/index.ts';
import type { Caller } from '../auth/caller.ts';
import { mayUse, refuseFields } from '../auth/permissions.ts';
import { FIELD_ERRORS_MAX, SUPPORTING_TARGETS_MAX } from '../limits.ts';
import type { PatchEntry } from '../writes/patch-schema.ts';
import { dropped, isAtomic, type Loss, plan, type Refusal } from '../writes/plan.ts';
import type { Gateway, PatchRequest } from './patch-request.ts';

export type Planned = { readonly changes: readonly Change[]; readonly losses: readonly Loss[] };

/** The plan for a request, or the refusal that its handling demands. */
export function planFor(
  gateway: Gateway,
  request: Pick<PatchRequest, 'caller' | 'patch' | 'preferences' | 'resolved'>,
): Result<Planned> {
  const { caller, patch, preferences, resolved } = request;
  const forbidden = refuseFields(caller, patch.entries, resolved.target.fields);
  if (forbidden !== undefined) return fail(forbidden);
  const { changes, losses, refusals } = plan(
    patch.entries,
    resolved.target.fields,
    preferences.handling,
  );
  if (refusals.length > 0 && (preferences.handling === 'strict' || changes.length === 0)) {
    const detail =
      'The target does not support every field of the patch as given; nothing was sent.';
    const errors = withSupport(refusals, patch.entries, gateway, caller);
    return fail(ownFault('unsupported_patch', detail, { errors }));
  }
  if (preferences.atomic && !isAtomic(changes)) {
    const detail = 'The patch needs more than one write at the target; nothing was sent.';
    return fail(ownFault('not_atomic', detail));
  }
  if (refusals.length === 0) return succeed({ changes, losses });
  return succeed({ changes, losses: [...losses, ...dropped(refusals)] });
}

/**
 * Adds to each refusal the caller's targets that would take the member as it was given. It is
 * planned once for all targets of the same fields, since a value may be long.
 */
export function withSupport(
  refusals: readonly Refusal[],
  entries: readonly PatchEntry[],
  { targets }: Gateway,
  caller: Caller | undefined,
  fits: (fields: FieldIndex, entries: readonly PatchEntry[]) => boolean = fitsPatch,
): FieldError[] {
  const usable = [...targets.values()].filter(({ name }) => mayUse(caller, name));
  const fieldSets = [...new Set(usable.map(({ fields }) => fields))];
  const takes = (fields: FieldIndex, entry: PatchEntry): boolean =>
    refuseFields(caller, [entry], fields) === undefined && fits(fields, [entry]);
  const entryAt = new Map(entries.map((entry) => [entry.pointer, entry]));
  return refusals.slice(0, FIELD_ERRORS_MAX).map((refusal) => {
    const entry = entryAt.get(refusal.pointer);
    const taking = new Set(
      entry === undefined ? [] : fieldSets.filter((fields) => takes(fields, entry)),
    );
    const supporting = usable.filter(({ fields }) => taking.has(fields));
    const names = supporting.slice(0, SUPPORTING_TARGETS_MAX).map((target) => target.name);
    return { ...refusal, supportedBy: names };
  });
}

function fitsPatch(fields: FieldIndex, entries: readonly PatchEntry[]): boolean {
  return plan(entries, fields, 'strict').refusals.length === 0;
}
