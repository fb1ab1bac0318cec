import { DEFAULT_STEP, type Field, type OnNull } from './field.ts';
import { acceptedSchema, type FieldSchema, limitText } from './field-schema.ts';
import type { FieldSet } from './operations/field-set.ts';
import { operationRows } from './operations/support-rows.ts';

/**
 * Declared properties of one field at one target, with the JSON Schema keywords of the values that
 * it accepts; null is described by `onNull`.
 */
export type FieldCapability = FieldSchema & {
  readonly pointer: string;
  readonly access: Field['access'];
  /** For a map: effect of null at one of its keys. */
  readonly onNull: OnNull;
  /** For maps: null for the map itself clears it. */
  readonly nullClearsMap?: boolean;
  readonly confirmation: Field['confirmation'];
  /** Members of one patch with different steps are different writes. */
  readonly step: string;
  readonly sensitive: boolean;
  /** A new profile may have it although no patch can write it. */
  readonly createOnly?: true;
  /** A patch can write it, but no new profile may have it. */
  readonly patchOnly?: true;
  readonly requiredOnCreate?: true;
};

export function fieldCapability(field: Field): FieldCapability {
  return {
    pointer: field.pointer,
    access: field.access,
    ...acceptedSchema(field),
    onNull: field.onNull,
    ...(field.map === undefined ? {} : { nullClearsMap: field.nullClearsMap === true }),
    confirmation: field.confirmation,
    step: field.step ?? DEFAULT_STEP,
    sensitive: field.sensitive === true,
    ...(field.createOnly === true ? { createOnly: true } : {}),
    ...(field.patchOnly === true ? { patchOnly: true } : {}),
    ...(field.requiredOnCreate === true ? { requiredOnCreate: true } : {}),
  };
}

/** The support table of the profile model: a row per field, a column per vendor and dialect. */
export function supportTable(sets: readonly FieldSet[]): string {
  const pointers = [...new Set(sets.flatMap((set) => set.fields.map((field) => field.pointer)))];
  const common = pointers.filter((pointer) => !pointer.startsWith('/extensions/'));
  const own = pointers.filter((pointer) => pointer.startsWith('/extensions/'));
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const cell = (pointer: string, { fields }: FieldSet): string => {
    const field = fields.find((candidate) => candidate.pointer === pointer);
    return field === undefined ? '-' : cellText(field);
  };
  return [
    row(['field', ...sets.map((set) => set.title)]),
    row(['---', ...sets.map(() => '---')]),
    ...[...common, ...own].map((p) => row([`\`${p}\``, ...sets.map((set) => cell(p, set))])),
    ...operationRows(sets).map(row),
  ].join('\n');
}

function cellText(field: Field): string {
  const { access, codec, limits = [], map, step } = field;
  if (access === 'read_only') return 'read-only';
  const type = map === undefined ? codec.type : `map of ${codec.type}`;
  const parts = [
    access === 'write_only' ? `write-only ${type}` : type,
    ...(codec.values === undefined ? [] : [`one of ${codec.values.join(', ')}`]),
    ...limits.map(limitText),
    clearText(field),
    ...(step === undefined ? [] : ['a write of its own']),
  ];
  return parts.join('; ').replaceAll('|', '\\|');
}

function clearText(field: Field): string {
  const whole = field.nullClearsMap === true ? ', the whole map too' : '';
  if (field.onNull === 'reject') return 'null refused';
  if (field.onNull === 'remove') return `null removes a key${whole}`;
  return `null is sent as ${JSON.stringify(field.onNull.send)}${whole}`;
}
