import {
  type Change,
  isObject,
  parseExact,
  pointerTo,
  type StoredProfile,
} from '../adapter-kit/index.ts';

/** Names the origin of every member of the vendor's object inside the body. */
export function provenance(
  body: string | undefined,
  carried: readonly Change[],
  before: StoredProfile | undefined,
): Record<string, string> {
  const document = body === undefined ? undefined : parseExact(body);
  if (!isObject(document)) return {};
  const [wrapper, wrapped] = Object.entries(document)[0] ?? ['', null];
  const changesByName = Map.groupBy(carried, ({ field }) => field.wireName);
  const isField = changesByName.has(wrapper);
  const isWrapped = Object.keys(document).length === 1 && isObject(wrapped) && !isField;
  const members = isWrapped && isObject(wrapped) ? wrapped : document;
  const root = isWrapped ? pointerTo('', wrapper) : '';
  const origin = before === undefined ? 'the adapter' : 'the adapter or the current profile';
  const named = new Map<string, string>();
  for (const [name, value] of Object.entries(members)) {
    const pointer = pointerTo(root, name);
    const changes = changesByName.get(name) ?? [];
    const whole = changes.find((change) => change.key === undefined);
    if (whole !== undefined) named.set(pointer, whole.pointer);
    else if (changes.length === 0 || !isObject(value)) named.set(pointer, origin);
    else {
      // A map out of which the last keys are taken has no member left to name.
      if (Object.keys(value).length === 0) named.set(pointer, changes[0]?.field.pointer ?? origin);
      const pointers = new Map(changes.map((change) => [change.key, change.pointer]));
      for (const key of Object.keys(value)) {
        named.set(pointerTo(pointer, key), pointers.get(key) ?? 'the current profile');
      }
    }
  }
  return Object.fromEntries(named);
}
