import * as z from 'zod/mini';
import {
  type Adapter,
  FIELD_ERROR_CODES,
  type FieldError,
  isObject,
  type Json,
  type JsonObject,
  own,
  pointerTo,
  pointerTokens,
  READ_ONLY_NAMES,
  STATUSES,
} from '../adapter-kit/index.ts';
import { FIELD_ERRORS_MAX, ID_CODE_POINTS_MAX } from '../limits.ts';

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

const SCALAR_POINTERS: ReadonlyMap<string, string> = new Map(
  [...Object.keys(TEXT_NULLABLE), 'status'].map((name) => [name, pointerTo('', name)]),
);

/**
 * The schema of a patch over the model that `adapters` declare together. A name outside the model
 * is an issue whatever the handling, as are null for `name`, `status`, `extensions` and a vendor.
 */
export function patchSchema(adapters: readonly Adapter[]): z.ZodMiniType<ProfilePatch> {
  const extensions = declaredExtensions(adapters);
  return z.transform((value: Json, context): ProfilePatch => {
    const issue = reportTo(context.issues, value);
    if (!isObject(value)) {
      issue([], 'wrong_type', 'a patch must be a JSON object');
      return z.NEVER;
    }
    const document: JsonObject = value;
    return { document, entries: readMembers(document, NO_NAMES, extensions, issue) };
  });
}

/** A profile that is to be created, and its members in the order they were written. */
export type NewProfile = ProfilePatch & {
  /** Name of the target. */
  readonly target: string;
  /** The id that it is linked to. */
  readonly id?: string;
};

/** Members of a new profile that are no fields of it. */
const PLACE_NAMES: ReadonlySet<string> = new Set(['target', 'id']);
const NO_NAMES: ReadonlySet<string> = new Set();

/** The schema of a new profile likewise: with the name of its target, and perhaps an id. */
export function newProfileSchema(adapters: readonly Adapter[]): z.ZodMiniType<NewProfile> {
  const extensions = declaredExtensions(adapters);
  return z.transform((value: Json, context): NewProfile => {
    const issue = reportTo(context.issues, value);
    if (!isObject(value)) {
      issue([], 'wrong_type', 'a new profile must be a JSON object');
      return z.NEVER;
    }
    const document: JsonObject = value;
    const target = own(document, 'target');
    const id = own(document, 'id');
    if (target === undefined) issue(['target'], 'missing_field', 'must name a target');
    else if (typeof target !== 'string') issue(['target'], 'wrong_type', 'must be a string');
    if (id !== undefined && (typeof id !== 'string' || !isLinkable(id))) {
      const message = `must be a text of 1 to ${ID_CODE_POINTS_MAX} characters, and hold no ":"`;
      issue(['id'], typeof id === 'string' ? 'constraint_violated' : 'wrong_type', message);
    }
    const entries = readMembers(document, PLACE_NAMES, extensions, issue);
    const named = typeof id === 'string' ? { id } : {};
    return { document, entries, target: typeof target === 'string' ? target : '', ...named };
  });
}

/** Reports whether an id can be linked: one with a `:` names its target itself. */
function isLinkable(id: string): boolean {
  return id !== '' && !/[:\p{Cc}\p{Cs}]/u.test(id) && [...id].length <= ID_CODE_POINTS_MAX;
}

function reportTo(issues: z.core.$ZodRawIssue[], input: Json): Report {
  return (path, code, message) => {
    issues.push({ code: 'custom', input, path: [...path], message, params: { code } });
  };
}

/** Reads the members of a document, but those at `omitted`. */
function readMembers(
  document: JsonObject,
  omitted: ReadonlySet<string>,
  extensions: Extensions,
  issue: Report,
): PatchEntry[] {
  const entries: PatchEntry[] = [];
  for (const name of Object.keys(document)) {
    const member = document[name] ?? null;
    if (omitted.has(name)) continue;
    if (name === 'attributes') readAttributes(member, entries, issue);
    else if (name === 'extensions') readExtensions(member, extensions, entries, issue);
    else readScalar(name, member, entries, issue);
  }
  return entries;
}

/** The issues of `patchSchema` as field errors. */
export function fieldErrorsOf(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.slice(0, FIELD_ERRORS_MAX).map((issue) => {
    const pointer = issue.path.reduce<string>((parent, key) => pointerTo(parent, String(key)), '');
    const given: unknown = issue.code === 'custom' ? issue.params?.code : undefined;
    const code = FIELD_ERROR_CODES.find((known) => known === given) ?? 'wrong_type';
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
  const pointer = SCALAR_POINTERS.get(name) ?? pointerTo('', name);
  entries.push({ pointer, fieldPointer: pointer, value });
}

function scalarProblem(name: string, value: Json): { code: string; message: string } | undefined {
  const nullable = Object.hasOwn(TEXT_NULLABLE, name) ? TEXT_NULLABLE[name] : undefined;
  if (nullable === undefined && name !== 'status') {
    const message = 'is not a field of a profile';
    return READ_ONLY_NAMES.includes(name) ? undefined : { code: 'unknown_field', message };
  }
  if (value === null) {
    return nullable === true ? undefined : { code: 'not_nullable', message: 'cannot be null' };
  }
  if (name === 'status') {
    if (STATUSES.some((status) => status === value)) return undefined;
    return { code: 'wrong_type', message: `must be one of ${STATUSES.join(', ')}` };
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
    const map: JsonObject = value;
    for (const key of Object.keys(map)) {
      const pointer = pointerTo(fieldPointer, key);
      entries.push({ pointer, fieldPointer, key, value: map[key] ?? null });
    }
  } else {
    issue(['attributes'], 'wrong_type', 'must be an object or null');
  }
}

function readExtensions(
  value: Json,
  declared: Extensions,
  entries: PatchEntry[],
  issue: Report,
): void {
  if (!isObject(value)) {
    issue(['extensions'], 'not_nullable', 'must be an object');
    return;
  }
  const extensions: JsonObject = value;
  for (const vendor of Object.keys(extensions)) {
    const pointers = declared.get(vendor);
    const members = extensions[vendor];
    if (pointers === undefined) {
      issue(['extensions', vendor], 'unknown_field', 'is not a vendor');
    } else if (!isObject(members)) {
      issue(['extensions', vendor], 'not_nullable', 'must be an object');
    } else {
      const named: JsonObject = members;
      for (const name of Object.keys(named)) {
        const pointer = pointers.get(name);
        if (pointer === undefined) {
          issue(['extensions', vendor, name], 'unknown_field', `is not a field of ${vendor}`);
        } else {
          entries.push({ pointer, fieldPointer: pointer, value: named[name] ?? null });
        }
      }
    }
  }
}

/** The pointers of all fields that vendors alone have, by vendor and name. */
type Extensions = ReadonlyMap<string, ReadonlyMap<string, string>>;

function declaredExtensions(adapters: readonly Adapter[]): Extensions {
  const declared = new Map<string, Map<string, string>>();
  for (const { fieldSets, vendor } of adapters) {
    const pointers = new Map<string, string>();
    for (const { pointer } of fieldSets.flatMap((set) => set.fields)) {
      const [first, owner, name] = pointerTokens(pointer);
      if (first === 'extensions' && owner === vendor && name !== undefined) {
        pointers.set(name, pointer);
      }
    }
    declared.set(vendor, pointers);
  }
  return declared;
}
