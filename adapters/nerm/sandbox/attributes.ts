/** Attribute values as they are stored: what was written, references as UUIDs. */
export type AttributeValues = { readonly [uid: string]: string };

/** Looks up what a reference attribute points to. */
export type Directory = {
  /** The name of a profile. An archived one still has a name but cannot be chosen any more. */
  readonly profile: (
    id: string,
  ) => { readonly name: string; readonly archived: boolean } | undefined;
  readonly user: (id: string) => { readonly name: string; readonly email: string } | undefined;
};

/** The six date formats an attribute may have. [N1, `date_format` of an attribute] */
type DateFormat =
  | 'mm/dd/yyyy'
  | 'mm-dd-yyyy'
  | 'dd/mm/yyyy'
  | 'dd-mm-yyyy'
  | 'yyyy/mm/dd'
  | 'yyyy-mm-dd';

/** A definition as `GET /ne_attributes` would describe it, by its kind of value. [N1] */
type AttributeDefinition =
  | { readonly kind: 'text' | 'tags' | 'attachment' }
  | { readonly kind: 'date'; readonly format: DateFormat }
  | { readonly kind: 'options'; readonly options: readonly string[]; readonly multiple: boolean }
  | { readonly kind: 'profile' | 'user'; readonly multiple: boolean };

const YES_NO = ['yes', 'no'];
const CONTRACTS = ['fixed', 'open'];
const LANGUAGES = ['de', 'en', 'fr', 'ko'];
const EQUIPMENT = ['laptop', 'phone'];

/** Every attribute of the tenant by `uid`; the vendor's `data_type` stands beside it. */
const DEFINITIONS: ReadonlyMap<string, AttributeDefinition> = new Map([
  define('first_name', { kind: 'text' }), // text field
  define('last_name', { kind: 'text' }), // text field
  define('cost_centre', { kind: 'text' }), // text field
  define('nickname', { kind: 'text' }), // text field
  define('remarks', { kind: 'text' }), // text area
  define('end_date', { kind: 'date', format: 'mm/dd/yyyy' }), // date
  define('start_date', { kind: 'date', format: 'dd-mm-yyyy' }), // date
  define('review_date', { kind: 'date', format: 'yyyy-mm-dd' }), // date
  define('contract_kind', { kind: 'options', options: CONTRACTS, multiple: false }), // drop-down
  define('languages', { kind: 'options', options: LANGUAGES, multiple: true }), // drop-down
  define('remote', { kind: 'options', options: YES_NO, multiple: false }), // radio buttons
  define('equipment', { kind: 'options', options: EQUIPMENT, multiple: true }), // check boxes
  define('labels', { kind: 'tags' }), // tags
  define('employer', { kind: 'profile', multiple: false }), // profile select
  define('colleagues', { kind: 'profile', multiple: true }), // profile search
  define('sponsor', { kind: 'user', multiple: false }), // owner select
  define('deputy', { kind: 'user', multiple: false }), // owner search
  define('approvers', { kind: 'user', multiple: true }), // contributor search
  define('signed_contract', { kind: 'attachment' }), // attachment
]);

function define(uid: string, definition: AttributeDefinition): [string, AttributeDefinition] {
  return [uid, definition];
}

/**
 * Why `value` cannot be written to the attribute `uid`, or undefined if it can. `""` is always
 * allowed here: it clears. [N12]
 */
export function attributeComplaint(
  uid: string,
  value: unknown,
  directory: Directory,
): string | undefined {
  const definition = DEFINITIONS.get(uid);
  // Keys are uids, not labels or ids. [N1] An unknown one is refused, not skipped. [I]
  if (definition === undefined) return 'is not an attribute';
  // Values are strings and never null. [N1] What null does is documented nowhere: refused. [I]
  if (typeof value !== 'string') return 'must be a string';
  // Attachments go through their own upload path. [N1]
  if (definition.kind === 'attachment') return 'must be uploaded';
  if (value === '') return undefined;
  switch (definition.kind) {
    case 'text':
    case 'tags':
      return undefined;
    case 'date':
      // The attribute's own format, not ISO. [N1]
      return isDate(value, definition.format) ? undefined : `must look like ${definition.format}`;
    case 'options':
      return parts(value, definition.multiple).every((part) => definition.options.includes(part))
        ? undefined
        : 'is not included in the list';
    case 'profile':
    case 'user': {
      // References are written as UUIDs; a name, which is what is read, is refused. [N1]
      const known = (id: string) =>
        definition.kind === 'user'
          ? directory.user(id) !== undefined
          : directory.profile(id)?.archived === false;
      return parts(value, definition.multiple).every(known) ? undefined : 'must exist';
    }
  }
}

/** Several values are written with comma and space between them [N1], and only so. [I] */
function parts(value: string, multiple: boolean): readonly string[] {
  return multiple ? value.split(', ') : [value];
}

/**
 * The values as a read shows them: profiles as `Name`, users as `Name (email)`, several of them
 * with a bare comma between. [N1] Keys that are no attribute are shown as they are stored, such as
 * `Non-Employee Profile ID` of an assignment. [N1]
 */
export function showAttributes(values: AttributeValues, directory: Directory): AttributeValues {
  return Object.fromEntries(
    Object.entries(values).map(([uid, value]) => [uid, shown(uid, value, directory)]),
  );
}

function shown(uid: string, value: string, directory: Directory): string {
  const definition = DEFINITIONS.get(uid);
  if (definition?.kind !== 'profile' && definition?.kind !== 'user') return value;
  return parts(value, definition.multiple)
    .map((id) => {
      if (definition.kind === 'profile') return directory.profile(id)?.name ?? id;
      const user = directory.user(id);
      return user === undefined ? id : `${user.name} (${user.email})`;
    })
    .join(',');
}

/** Reports whether `text` is a calendar day written in `format`, with all leading zeros. */
function isDate(text: string, format: DateFormat): boolean {
  if (text.length !== format.length) return false;
  const digits = { y: '', m: '', d: '' };
  for (const [index, mark] of [...format].entries()) {
    const character = text.charAt(index);
    if (mark === 'y' || mark === 'm' || mark === 'd') digits[mark] += character;
    else if (mark !== character) return false;
  }
  const { y, m, d } = digits;
  if (!/^\d{8}$/.test(y + m + d)) return false;
  // A day that the month does not have falls into another month.
  return new Date(Date.UTC(Number(y), Number(m) - 1, Number(d))).getUTCMonth() === Number(m) - 1;
}
