import * as z from 'zod/mini';
import {
  type Adapter,
  FIELD_ERROR_CODES,
  type FieldError,
  isObject,
  type Json,
  type JsonObject,
  pointerTo,
  pointerTokens,
  READ_ONLY_NAMES,
  STATUSES,
} from '../contract/index.ts';
import { FIELD_ERRORS_MAX } from './limits.ts';

/** One member of a patch: what it names, and the value that a target must take. */
export type PatchEntry = {
  /** `/name`, `/attributes/owner`, `/extensions/<vendor>/<field>`. */
  readonly pointer: string;
  /** The pointer that a field declaration has: the same, or `/attributes` for its keys. */
  readonly fieldPointer: string;
  readonly key?: string;
  readonly value: Json;
};

/** A patch that the canonical model allows, and its members in the order they were written. */
export type ProfilePatch = {
  readonly document: JsonObject;
  readonly entries: readonly PatchEntry[];
};

/** Canonical names whose value is free text, with whether null clears them. */
const TEXT_NULLABLE: Readonly<Record<string, boolean>> = { name: false, description: true };

/**
 * The schema of a patch over the model that `adapters` declare together. A name outside the model
 * is an issue whatever the handling, as are null for `name`, `status`, `extensions` and a vendor.
 */
export function patchSchema(adapters: readonly Adapter[]): z.ZodMiniType<ProfilePatch> {
  const extensions = declaredExtensions(adapters);
  const read = z.transform((value: Json, context): ProfilePatch => {
    const entries: PatchEntry[] = [];
    const issue = (path: readonly string[], code: string, message: string): void => {
      const params = { code };
      context.issues.push({ code: 'custom', input: value, path: [...path], message, params });
    };
    if (!isObject(value)) {
      issue([], 'wrong_type', 'a patch must be a JSON object');
      return z.NEVER;
    }
    for (const [name, member] of Object.entries(value)) {
      if (name === 'attributes') readAttributes(member, entries, issue);
      else if (name === 'extensions') readExtensions(member, extensions, entries, issue);
      else readScalar(name, member, entries, issue);
    }
    return { document: value, entries };
  });
  return z.pipe(z.custom<Json>(), read);
}

/** The issues of `patchSchema` as field errors. */
export function fieldErrorsOf(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.slice(0, FIELD_ERRORS_MAX).map((issue) => {
    const pointer = issue.path.reduce<string>((parent, key) => pointerTo(parent, String(key)), '');
    const told: unknown = issue.code === 'custom' ? issue.params?.code : undefined;
    const code = FIELD_ERROR_CODES.find((known) => known === told) ?? 'wrong_type';
    return { pointer, code, detail: issue.message };
  });
}

type Report = (path: readonly string[], code: string, message: string) => void;

function readScalar(name: string, value: Json, entries: PatchEntry[], issue: Report): void {
  const wrong = scalarProblem(name, value);
  if (wrong !== undefined) {
    issue([name], wrong.code, wrong.message);
    return;
  }
  const pointer = pointerTo('', name);
  entries.push({ pointer, fieldPointer: pointer, value });
}

function scalarProblem(name: string, value: Json): { code: string; message: string } | undefined {
  const nullable = Object.hasOwn(TEXT_NULLABLE, name) ? TEXT_NULLABLE[name] : undefined;
  if (nullable === undefined && name !== 'status') {
    const message = 'is not a field of a profile';
    return READ_ONLY_NAMES.includes(name) ? undefined : { code: 'unknown_field', message };
  }
  if (value === null) {
    return nullable === true ? undefined : { code: 'not_clearable', message: 'cannot be null' };
  }
  if (name === 'status') {
    const message = `must be one of ${STATUSES.join(', ')}`;
    const known = STATUSES.some((status) => status === value);
    return known ? undefined : { code: 'wrong_type', message };
  }
  return typeof value === 'string'
    ? undefined
    : { code: 'wrong_type', message: 'must be a string' };
}

function readAttributes(value: Json, entries: PatchEntry[], issue: Report): void {
  const fieldPointer = '/attributes';
  if (value === null) {
    entries.push({ pointer: fieldPointer, fieldPointer, value });
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      entries.push({ pointer: pointerTo(fieldPointer, key), fieldPointer, key, value: member });
    }
  } else {
    issue(['attributes'], 'wrong_type', 'must be an object or null');
  }
}

function readExtensions(
  value: Json,
  declared: ReadonlyMap<string, ReadonlySet<string>>,
  entries: PatchEntry[],
  issue: Report,
): void {
  if (!isObject(value)) {
    issue(['extensions'], 'not_clearable', 'must be an object');
    return;
  }
  for (const [vendor, members] of Object.entries(value)) {
    const names = declared.get(vendor);
    if (names === undefined) {
      issue(['extensions', vendor], 'unknown_field', 'is not a vendor');
    } else if (!isObject(members)) {
      issue(['extensions', vendor], 'not_clearable', 'must be an object');
    } else {
      for (const [name, member] of Object.entries(members)) {
        if (!names.has(name)) {
          issue(['extensions', vendor, name], 'unknown_field', `is not a field of ${vendor}`);
          continue;
        }
        const pointer = pointerTo(pointerTo('/extensions', vendor), name);
        entries.push({ pointer, fieldPointer: pointer, value: member });
      }
    }
  }
}

function declaredExtensions(adapters: readonly Adapter[]): Map<string, Set<string>> {
  const declared = new Map<string, Set<string>>();
  for (const { fieldSets, vendor } of adapters) {
    const names = new Set<string>();
    for (const { pointer } of fieldSets.flatMap((set) => set.fields)) {
      const [first, owner, name] = pointerTokens(pointer);
      if (first === 'extensions' && owner === vendor && name !== undefined) names.add(name);
    }
    declared.set(vendor, names);
  }
  return declared;
}
