import { isObject, type Json, type JsonDraft, type JsonObject, own, setOwn } from './json.ts';

/** RFC 7396 over own properties; a value that is a raw number counts as a scalar. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const current: JsonObject = isObject(target) ? target : {};
  const merged: JsonDraft = {};
  for (const key of Object.keys(current)) {
    const member = current[key] ?? null;
    const value = own(patch, key);
    if (value === undefined) setOwn(merged, key, member);
    else if (value !== null) setOwn(merged, key, mergePatch(member, value));
  }
  for (const key of Object.keys(patch)) {
    const value = own(patch, key) ?? null;
    if (value !== null && !Object.hasOwn(current, key)) {
      setOwn(merged, key, mergePatch(undefined, value));
    }
  }
  return merged;
}
