import {
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  mergePatch,
  own,
  pointerTo,
} from '../../src/adapter-kit/index.ts';
import type { StoredAs, Subject } from './subject.ts';

/** One member of a patch, and how the sandbox's own store shows whether it holds. */
export type Intent = {
  readonly pointer: string;
  readonly isHeld: (stored: JsonObject) => boolean;
  /** Whether any answer of the vendor can show it as it was written. */
  readonly isShown: boolean;
  /** The stored member that it writes: `name`, `metadata/owner`. */
  readonly path: string;
};

/** What `patch` asks for, derived apart from the adapters. */
export function intentsOf(
  subject: Subject,
  patch: JsonObject,
  seed: JsonObject = subject.seeds[0],
): Intent[] {
  return membersOf(subject, patch).map(({ key, name, value }): Intent => {
    const as = storedAs(subject, name);
    const isShown = as.isShown?.(value, seed) ?? true;
    const wanted = value === null || value === as.clears ? null : (as.form?.(value) ?? value);
    if (key === undefined) {
      const isHeld = (stored: JsonObject): boolean => {
        const held = own(stored, as.member);
        return holds(held, wanted) || (as.isNormalized === true && isSameText(held, wanted));
      };
      return { pointer: `/${name}`, path: as.member, isShown, isHeld };
    }
    const isHeld = (stored: JsonObject): boolean => {
      const map = own(stored, as.member);
      return holds(isObject(map) ? own(map, key) : undefined, wanted);
    };
    return { pointer: pointerTo(`/${name}`, key), path: `${as.member}/${key}`, isShown, isHeld };
  });
}

type Member = { readonly name: string; readonly key?: string; readonly value: Json };

/** The members of a patch by the names that `Subject.stored` has, maps key by key. */
function membersOf({ stored, vendor }: Subject, patch: JsonObject): Member[] {
  const known = Object.entries(patch).flatMap(([name, value]): Member[] => {
    if (name === 'attributes' && isObject(value)) {
      return Object.entries(value).map(([key, member]) => ({ name, key, value: member }));
    }
    if (name !== 'extensions') return [{ name, value }];
    const members = isObject(value) ? own(value, vendor) : undefined;
    return Object.entries(isObject(members) ? members : {}).map(([member, wanted]) => ({
      name: `extensions/${vendor}/${member}`,
      value: wanted,
    }));
  });
  // What the vendor does not have is stored nowhere, and must be left out.
  return known.filter(({ name }) => Object.hasOwn(stored, name));
}

function storedAs(subject: Subject, name: string): StoredAs {
  const as = subject.stored[name];
  if (as === undefined) throw new Error(`${subject.name} does not say where ${name} is stored`);
  return as;
}

function holds(held: Json | undefined, wanted: Json): boolean {
  if (wanted === null) return held === undefined || held === null || isEmpty(held);
  if (Array.isArray(wanted) && Array.isArray(held)) {
    return wanted.length === held.length && jsonEqual(sorted(wanted), sorted(held));
  }
  return held !== undefined && jsonEqual(mergePatch(held, wanted), held);
}

function isSameText(a: Json | undefined, b: Json): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  const normal = (text: string): string => text.normalize('NFC').trim().replace(/\s+/g, ' ');
  return normal(a) === normal(b);
}

function sorted(list: readonly Json[]): Json[] {
  return list.map((item) => JSON.stringify(item)).sort();
}

function isEmpty(value: Json): boolean {
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === '' || (Array.isArray(value) && value.length === 0);
}

/** The stored members that differ between two states, maps by key, without the vendor's own. */
export function changedPaths(subject: Subject, before: JsonObject, after: JsonObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    if (subject.ownMembers.includes(name)) return [];
    const [left, right] = [own(before, name), own(after, name)];
    if (jsonEqual(left, right)) return [];
    if (!isMap(subject, name)) return [name];
    const [old, now] = [isObject(left) ? left : {}, isObject(right) ? right : {}];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((key) => !jsonEqual(own(old, key), own(now, key)))
      .map((key) => `${name}/${key}`);
  });
}

function isMap(subject: Subject, member: string): boolean {
  return subject.stored.attributes?.member === member;
}

/** A change that another client makes to what `patch` writes, with values of its own. */
export function outsideChange(subject: Subject, patch: JsonObject, stored: JsonObject): JsonObject {
  const change = changeOf(subject, patch, stored, (name, key) => {
    const value = subject.outsideValues[name];
    return key === undefined ? value : (own(isObject(value) ? value : {}, key) ?? 'outsider');
  });
  return { ...change, ...subject.outsideMark };
}

/** The change that `patch` asks for, made by another client. */
export function intendedChange(
  subject: Subject,
  patch: JsonObject,
  stored: JsonObject,
): JsonObject {
  return changeOf(subject, patch, stored, (name, _, value) => {
    if (value === null) return undefined;
    return subject.stored[name]?.form?.(value) ?? value;
  });
}

type Chosen = (name: string, key: string | undefined, value: Json) => Json | undefined;

function changeOf(
  subject: Subject,
  patch: JsonObject,
  stored: JsonObject,
  chosen: Chosen,
): JsonObject {
  const change = new Map<string, Json>();
  for (const { key, name, value } of membersOf(subject, patch)) {
    const { member } = storedAs(subject, name);
    const written = chosen(name, key, value);
    if (written === undefined) continue;
    const map = change.get(member) ?? own(stored, member);
    const merged = key === undefined ? written : { ...(isObject(map) ? map : {}), [key]: written };
    change.set(member, merged);
  }
  return Object.fromEntries(change);
}
