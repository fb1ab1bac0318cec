import { isObject, type Json, type JsonDraft, type JsonObject, own, setOwn } from './json.ts';

/** RFC 7396 over own properties; a value that is a raw number counts as a scalar. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const current: JsonObject = isObject(target) ? target : {};
  const merged: JsonDraft = {};
  for (const key of new Set([...Object.keys(current), ...Object.keys(patch)])) {
    const value = own(patch, key);
    if (value === undefined) setOwn(merged, key, current[key] ?? null);
    else if (value !== null) setOwn(merged, key, mergePatch(own(current, key), value));
  }
  return merged;
}
