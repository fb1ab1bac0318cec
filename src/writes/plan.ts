import {
  type Change,
  type Field,
  type FieldError,
  type FieldIndex,
  isObject,
  type Json,
  limitBroken,
  READ_ONLY_NAMES,
  stepOf,
} from '../adapter-kit/index.ts';
import type { PatchEntry } from './patch-schema.ts';

export type Handling = 'strict' | 'lenient';

/** A member of the patch that the target does not take as it was given. */
export type Loss = {
  readonly pointer: string;
  readonly kind: 'dropped' | 'coerced';
  readonly reason: string;
};

/** A member that does not fit, before it is known which targets could take it. */
export type Refusal = Omit<FieldError, 'supportedBy'>;

/** Translation of a patch for one target: every entry is in `changes` or in `refusals`. */
export type Plan = {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  /** Coerced members; they are among `changes` too. */
  readonly losses: readonly Loss[];
};

/** Translates the members of a patch; what does not fit as given is a refusal, or coerced. */
export function plan(entries: readonly PatchEntry[], fields: FieldIndex, handling: Handling): Plan {
  return translate(entries, fields, handling, ({ access }) =>
    access === 'read_only' ? 'is set by the target' : undefined,
  );
}

/** Translates the members of a new profile likewise, of which null is one that it does not have. */
export function planCreate(
  entries: readonly PatchEntry[],
  fields: FieldIndex,
  handling: Handling,
): Plan {
  return translate(entries, fields, handling, ({ access, createOnly, patchOnly }) => {
    if (patchOnly === true) return 'can be written only once the profile is there';
    return access === 'read_only' && createOnly !== true ? 'is set by the target' : undefined;
  });
}

/** Translates members; `refuse` returns why a field cannot be written. */
function translate(
  entries: readonly PatchEntry[],
  fields: FieldIndex,
  handling: Handling,
  refuse: (field: Field) => string | undefined,
): Plan {
  const changes: Change[] = [];
  const refusals: Refusal[] = [];
  const losses: Loss[] = [];
  for (const entry of entries) {
    const { pointer } = entry;
    const field = fields.get(entry.fieldPointer);
    const reason = field && refuse(field);
    if (field === undefined) {
      refusals.push({ pointer, ...missing(entry) });
    } else if (reason !== undefined) {
      refusals.push({ pointer, code: 'read_only', detail: reason });
    } else if (entry.value === null) {
      const change = cleared(entry, field);
      if (change !== undefined) changes.push(change);
      else refusals.push({ pointer, code: 'not_nullable', detail: 'cannot be null' });
    } else {
      const encoded = encode(field, entry.value);
      if (!encoded.ok) {
        refusals.push({ pointer, code: encoded.code, detail: encoded.reason });
      } else if (encoded.coerced !== undefined && handling === 'strict') {
        refusals.push({ pointer, code: 'wrong_type', detail: encoded.coerced });
      } else {
        changes.push(changed(entry, field, encoded.wire, encoded.coerced !== undefined));
        if (encoded.coerced !== undefined) {
          losses.push({ pointer, kind: 'coerced', reason: encoded.coerced });
        }
      }
    }
  }
  return { changes, refusals, losses };
}

/** Reports whether the changes go out in one write. */
export function isAtomic(changes: readonly Change[]): boolean {
  return changes.length <= 1 || new Set(changes.map(stepOf)).size === 1;
}

export function dropped(refusals: readonly Refusal[]): Loss[] {
  return refusals.map(({ pointer, detail }) => ({ pointer, kind: 'dropped', reason: detail }));
}

function missing(entry: PatchEntry): Omit<Refusal, 'pointer'> {
  return READ_ONLY_NAMES.includes(entry.fieldPointer.slice(1))
    ? { code: 'read_only', detail: 'is read-only' }
    : { code: 'unsupported_field', detail: 'the target has no such field' };
}

function cleared(entry: PatchEntry, field: Field): Change | undefined {
  const { pointer, key } = entry;
  if (field.map !== undefined && key === undefined) {
    return field.nullClearsMap ? { pointer, field, value: null, wire: {} } : undefined;
  }
  if (field.onNull === 'reject') return undefined;
  const wire = typeof field.onNull === 'object' ? field.onNull.send : null;
  return changeOf(entry, field, null, wire);
}

/** Returns the change, whose value is what must read back: the sent one where it was coerced. */
function changed(entry: PatchEntry, field: Field, wire: Json, coerced: boolean): Change {
  const clears = typeof field.onNull === 'object' && wire === '' && field.onNull.send === '';
  const value = clears ? null : coerced ? wire : entry.value;
  return changeOf(entry, field, value, wire);
}

function changeOf({ key, pointer }: PatchEntry, field: Field, value: Json, wire: Json): Change {
  return key === undefined ? { pointer, field, value, wire } : { pointer, field, value, wire, key };
}

type EncodedField =
  | { readonly ok: true; readonly wire: Json; readonly coerced?: string }
  | {
      readonly ok: false;
      readonly code: 'wrong_type' | 'constraint_violated';
      readonly reason: string;
    };

function encode(field: Field, value: Json): EncodedField {
  const encoded = field.codec.encode(value);
  if (!encoded.ok) return { ok: false, code: 'wrong_type', reason: encoded.reason };
  if (field.limits === undefined) return encoded;
  const limited = isObject(encoded.wire) ? value : encoded.wire;
  const reason = limitBroken(field.limits, limited);
  return reason === undefined ? encoded : { ok: false, code: 'constraint_violated', reason };
}
