import { DEFAULT_STEP, type Field, type FieldSet, type Limit } from './field.ts';

/** What one target takes of one field. Everything here is read off the field's declaration. */
export type FieldCapability = {
  readonly pointer: string;
  readonly access: Field['access'];
  readonly type: string;
  readonly limits: readonly string[];
  readonly clears: string;
  readonly confirmed: Field['confirmation'];
  /** Members of one patch with different steps are different writes. */
  readonly step: string;
  readonly sensitive: boolean;
};

export function fieldCapability(field: Field): FieldCapability {
  return {
    pointer: field.pointer,
    access: field.access,
    type: field.map === undefined ? field.codec.type : `map of ${field.codec.type}`,
    limits: [...wordsText(field), ...(field.limits ?? []).map(limitText)],
    clears: clearText(field),
    confirmed: field.confirmation,
    step: field.step ?? DEFAULT_STEP,
    sensitive: field.sensitive === true,
  };
}

/** The support table of the README: one row per field, one column per vendor and dialect. */
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
  ].join('\n');
}

function cellText(field: Field): string {
  if (field.access === 'read_only') return 'read-only';
  const { clears, limits, type } = fieldCapability(field);
  const write = field.access === 'write_only' ? 'write-only ' : '';
  const step = field.step === undefined ? [] : ['a write of its own'];
  return [`${write}${type}`, ...limits, clears, ...step].join('; ').replaceAll('|', '\\|');
}

export function wordsText({ codec }: Field): string[] {
  return codec.values === undefined ? [] : [`one of ${codec.values.join(', ')}`];
}

export function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'length': {
      const { maximum, minimum = 0, unit } = limit;
      return maximum === undefined
        ? `${minimum} ${unit} or more`
        : `${minimum} to ${maximum} ${unit}`;
    }
    case 'range':
      return `${limit.minimum} to ${limit.maximum}`;
    case 'pattern':
      return limit.says;
  }
}

function clearText(field: Field): string {
  const whole = field.nullClearsMap === true ? ', the whole map too' : '';
  switch (field.clear.by) {
    case 'refusal':
      return 'null refused';
    case 'removal':
      return `null removes a key${whole}`;
    case 'value':
      return `null is sent as ${JSON.stringify(field.clear.value)}${whole}`;
  }
}
