import {
  anyJson,
  type Codec,
  type ConfirmationRule,
  enumeration,
  type Field,
  type Json,
  type Limit,
  type OnNull,
  text,
} from '../../../src/adapter-kit/index.ts';

/** A slip in the declarations of one vendor. */
export type FieldMutant = {
  readonly kind: string;
  readonly name: string;
  readonly fields: readonly Field[];
};

/** One field with a slip, or none at all. */
type Slip = readonly [name: string, field: Field | undefined];

/** Slips of one kind in one field. */
type Slipping = (field: Field) => readonly Slip[];

const KINDS: Readonly<Record<string, Slipping>> = {
  'field dropped': () => [['', undefined]],
  access: (field) =>
    ACCESSES.filter((to) => to !== field.access).map((to) => slip(field, { access: to }, to)),
  onNull: (field) =>
    isWritable(field)
      ? otherClears(field.onNull).map(([to, onNull]) => slip(field, { onNull }, to))
      : [],
  'enum words': (field) => otherWords(field.codec).map(([to, codec]) => slip(field, { codec }, to)),
  codec: (field) => otherCodecs(field.codec).map(([to, codec]) => slip(field, { codec }, to)),
  limits: limitSlips,
  compare: (field) => (isWritable(field) ? compareSlips(field) : []),
  step: (field) => (field.step === undefined ? [] : [without(field, 'step')]),
  map: mapSlips,
  flags: flagSlips,
};

const ACCESSES = ['read_write', 'read_only', 'write_only'] as const;
const COMPARES: readonly ConfirmationRule[] = ['exact', 'normalized', 'present', 'count', 'never'];

/** Every slip there is, made mechanically. */
export function fieldMutants(fields: readonly Field[]): FieldMutant[] {
  const alone = Object.entries(KINDS).flatMap(([kind, slipsOf]) =>
    fields.flatMap((field, index) =>
      slipsOf(field).map(([to, changed]) => ({
        kind,
        name: `${kind}: ${field.pointer}${to === '' ? '' : ` ${to}`}`,
        fields: fields.toSpliced(index, 1, ...(changed === undefined ? [] : [changed])),
      })),
    ),
  );
  return [...alone, ...swaps(fields)];
}

/** Neighbours of one type that have taken each other's name. */
function swaps(fields: readonly Field[]): FieldMutant[] {
  return fields.flatMap((field, index) => {
    const at = fields.findIndex((other, i) => i > index && other.codec.type === field.codec.type);
    const other = fields[at];
    if (other === undefined || other.wireName === field.wireName) return [];
    const swapped = (name: 'pointer' | 'wireName'): FieldMutant => ({
      kind: 'names swapped',
      name: `names swapped: ${name} of ${field.pointer} and ${other.pointer}`,
      fields: fields
        .with(index, { ...field, [name]: other[name] })
        .with(at, { ...other, [name]: field[name] }),
    });
    // Where nothing else differs, both swaps are the same.
    return isAlike(field, other)
      ? [swapped('wireName')]
      : [swapped('wireName'), swapped('pointer')];
  });
}

function isAlike(a: Field, b: Field): boolean {
  const rest = ({ pointer: _p, wireName: _w, ...others }: Field): string => JSON.stringify(others);
  return rest(a) === rest(b) && a.codec === b.codec && a.limits === b.limits;
}

function slip(field: Field, change: Partial<Field>, name: string): Slip {
  return [name, { ...field, ...change }];
}

function without(field: Field, member: keyof Field): Slip {
  const { [member]: _gone, ...rest } = field;
  return [`without ${member}`, rest as Field];
}

function isWritable({ access }: Field): boolean {
  return access !== 'read_only';
}

function otherClears(onNull: OnNull): [string, OnNull][] {
  const all: [string, OnNull][] = [
    ['by ""', { send: '' }],
    ['by null', { send: null }],
    ['by []', { send: [] }],
    ['by removal', 'remove'],
    ['by refusal', 'reject'],
  ];
  return all.filter(([, other]) => JSON.stringify(other) !== JSON.stringify(onNull));
}

/** Each word in the place of the next one, and each word unknown. */
function otherWords(codec: Codec): [string, Codec][] {
  const table = (codec.values ?? []).map((word): [string, Json] => {
    const encoded = codec.encode(word);
    return [word, encoded.ok ? encoded.wire : null];
  });
  return table.flatMap(([word, wire], index): [string, Codec][] => {
    const dropped = enumeration(Object.fromEntries(table.toSpliced(index, 1)));
    const [nextWord, nextWire] = table[index + 1] ?? [];
    if (nextWord === undefined || nextWire === undefined) return [[`without ${word}`, dropped]];
    const swapped = table.with(index, [word, nextWire]).with(index + 1, [nextWord, wire]);
    return [
      [`without ${word}`, dropped],
      [`${word} for ${nextWord}`, enumeration(Object.fromEntries(swapped))],
    ];
  });
}

function otherCodecs(codec: Codec): [string, Codec][] {
  const others: [string, Codec][] = [
    ['any', anyJson],
    ['text', text],
  ];
  return others.filter(([, other]) => other !== codec);
}

function limitSlips(field: Field): Slip[] {
  const limits = field.limits ?? [];
  return limits.flatMap((limit, index) => [
    slip(field, { limits: limits.toSpliced(index, 1) }, `without limit ${index + 1}`),
    ...otherLimits(limit).map(([name, other]) =>
      slip(field, { limits: limits.with(index, other) }, name),
    ),
  ]);
}

function otherLimits(limit: Limit): [string, Limit][] {
  if (limit.kind === 'pattern') return [];
  const bounds = (['minimum', 'maximum'] as const).flatMap((name): [string, Limit][] => {
    const bound = limit[name];
    if (bound === undefined) return [];
    return [bound - 1, bound + 1].map((other) => [`${name} ${other}`, { ...limit, [name]: other }]);
  });
  if (limit.kind === 'range') return bounds;
  const unit = limit.unit === 'bytes' ? 'code points' : 'bytes';
  return [...bounds, [`in ${unit}`, { ...limit, unit }]];
}

function compareSlips(field: Field): Slip[] {
  const others = COMPARES.filter((compare) => compare !== field.confirmation);
  return [
    ...others.map((compare) => slip(field, { confirmation: compare }, compare)),
    ...(field.confirmationByValue === undefined ? [] : [without(field, 'confirmationByValue')]),
  ];
}

function mapSlips(field: Field): Slip[] {
  if (field.map === undefined) return [];
  const map = field.map === 'whole' ? 'per-key' : 'whole';
  return [
    slip(field, { map }, map),
    without(field, 'map'),
    slip(field, { nullClearsMap: field.nullClearsMap !== true }, 'clearsWhole turned'),
    slip(field, { optionalInResponse: field.optionalInResponse !== true }, 'mayBeOmitted turned'),
  ];
}

function flagSlips(field: Field): Slip[] {
  if (!isWritable(field)) return [];
  return [
    slip(field, { sensitive: field.sensitive !== true }, 'sensitive turned'),
    ...(field.readBackPointer === undefined ? [] : [without(field, 'readBackPointer')]),
  ];
}
