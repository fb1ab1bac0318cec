import {
  type Fault,
  type Field,
  type FieldError,
  type FieldIndex,
  ownFault,
} from '../adapter-kit/index.ts';
import { FIELD_ERRORS_MAX } from '../limits.ts';
import type { Caller } from './caller.ts';

/** Whoever calls: undefined is everybody, where no callers are configured. */
export type MaybeCaller = Caller | undefined;

/** Reports whether `caller` may see the content of profiles. */
export function mayRead(caller: MaybeCaller): boolean {
  return caller?.scopes.has('profiles:read') ?? true;
}

/**
 * Reports whether `caller` may use the target called `target`. It follows from the name alone, so a
 * refusal says nothing about whether there is such a target.
 */
export function mayUse(caller: MaybeCaller, target: string): boolean {
  return caller?.targets?.some((pattern) => pattern.matches(target)) ?? true;
}

/**
 * Reports whether `caller` may write `pointer`, a member of a patch that a target has as `field`.
 * An allowed pointer allows what is below it; a sensitive field must be allowed by its own pointer.
 */
export function mayWrite(caller: MaybeCaller, pointer: string, field: Field | undefined): boolean {
  if (caller === undefined) return true;
  const { fields } = caller;
  const isSensitive = field?.sensitive === true;
  if (fields === undefined) return !isSensitive;
  return allowsWithin(fields, isSensitive ? field.pointer.length : 1, pointer);
}

/** Reports whether `allowed` has `pointer`, or a parent of it of so many characters at least. */
function allowsWithin(
  allowed: ReadonlySet<string>,
  charactersMin: number,
  pointer: string,
): boolean {
  // One look-up for each parent: a patch has many members, and a caller may have many pointers.
  for (let end = pointer.length; end >= charactersMin; end = pointer.lastIndexOf('/', end - 1)) {
    if (allowed.has(pointer.slice(0, end))) return true;
  }
  return false;
}

/** The refusal of the members of a patch that `caller` may not write at a target with `fields`. */
export function refuseFields(
  caller: MaybeCaller,
  entries: readonly { readonly pointer: string; readonly fieldPointer: string }[],
  fields: FieldIndex,
): Fault | undefined {
  if (caller === undefined) return undefined;
  const forbidden = entries.filter(
    ({ fieldPointer, pointer }) => !mayWrite(caller, pointer, fields.get(fieldPointer)),
  );
  if (forbidden.length === 0) return undefined;
  const errors = forbidden.slice(0, FIELD_ERRORS_MAX).map(({ pointer }): FieldError => {
    return { pointer, code: 'forbidden', detail: 'the caller is not allowed to write it' };
  });
  const detail = 'The caller is not allowed to write every field of the patch; nothing was sent.';
  return ownFault('field_forbidden', detail, { errors });
}
