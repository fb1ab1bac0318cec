import {
  isList,
  isObject,
  type JsonObject,
  own,
  ownObject,
  ownText,
  pointerTo,
} from '../../src/adapter-kit/index.ts';

/** The pointers of a patch: maps and extensions by their keys, everything else whole. */
export function pointersOf(patch: JsonObject): string[] {
  return Object.entries(patch).flatMap(([name, value]) => {
    const pointer = pointerTo('', name);
    if (!isObject(value)) return [pointer];
    if (name === 'attributes') return Object.keys(value).map((key) => pointerTo(pointer, key));
    if (name !== 'extensions') return [pointer];
    return Object.entries(value).flatMap(([vendor, members]) =>
      Object.keys(isObject(members) ? members : {}).map((key) =>
        pointerTo(pointerTo(pointer, vendor), key),
      ),
    );
  });
}

type Losses = { readonly dropped: string[]; readonly coerced: string[] };

/** The losses that an answer lists, of a success or of an error. */
export function lossesOf(body: JsonObject): Losses {
  const list = own(ownObject(body, 'write') ?? body, 'losses');
  const losses = (isList(list) ? list : []).filter(isObject);
  const ofKind = (kind: string): string[] =>
    losses
      .filter((loss) => own(loss, 'kind') === kind)
      .map((loss) => ownText(loss, 'pointer') ?? '');
  return { dropped: ofKind('dropped'), coerced: ofKind('coerced') };
}

export function listOf(object: JsonObject, member: string): string[] {
  const list = own(object, member);
  return isList(list) ? list.filter((item) => typeof item === 'string') : [];
}

/** Where an answer breaks the rule that each pointer of the patch is in exactly one place. */
export function brokenPointers(patch: JsonObject, body: JsonObject): string[] {
  const report = ownObject(body, 'write');
  const { coerced, dropped } = lossesOf(body);
  const all = pointersOf(patch);
  const isSuccess = report !== undefined;
  const outcome = ownText(report ?? body, 'outcome') ?? 'none';
  const lists = {
    applied: listOf(body, 'applied'),
    notApplied: listOf(body, 'notApplied'),
    sent: listOf(body, 'sent'),
    unconfirmed: listOf(report ?? body, 'unconfirmed'),
    dropped,
  };
  const placed = Object.values(lists).flat();
  const twice = placed.filter((pointer, at) => placed.indexOf(pointer) !== at);
  const strange = [...placed, ...coerced].filter((pointer) => !all.includes(pointer));
  // A success lists what is not confirmed; everything else is.
  const missing = isSuccess ? [] : all.filter((pointer) => !placed.includes(pointer));
  const kept = coerced.filter((pointer) => dropped.includes(pointer));
  const { applied, notApplied, sent, unconfirmed } = lists;
  const allowed: Readonly<Record<string, readonly string[]>> = {
    applied: [...unconfirmed, ...dropped],
    noop: [...unconfirmed, ...dropped],
    rejected: [...notApplied, ...dropped],
    partial: [...applied, ...notApplied, ...unconfirmed, ...dropped],
    unknown: placed,
  };
  const misplaced = placed.filter((pointer) => !allowed[outcome]?.includes(pointer));
  return [
    ...twice.map((pointer) => `${pointer} is in two lists`),
    ...strange.map((pointer) => `${pointer} is not in the patch`),
    ...missing.map((pointer) => `${pointer} is in no list`),
    ...kept.map((pointer) => `${pointer} is dropped and coerced`),
    ...misplaced.map((pointer) => `${pointer} is in a list that ${outcome} does not have`),
    ...(outcome === 'partial' &&
    (applied.length + unconfirmed.length === 0 || notApplied.length === 0)
      ? ['a partial write has no two parts']
      : []),
    ...(outcome === 'unknown' && sent.length + unconfirmed.length === 0
      ? ['nothing is unknown']
      : []),
  ];
}
