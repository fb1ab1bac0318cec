import { type Adapter, type Field, type JsonObject, shownSchema } from '../../adapter-kit/index.ts';
import { ID_CODE_POINTS_MAX } from '../../limits.ts';
import {
  eitherOf,
  extensionName,
  fieldsByPointer,
  patchedSchema,
  type TitledField,
} from './field-schemas.ts';
import { profileNames } from './schemas/base-schemas.ts';

export const SCHEMAS = '#/components/schemas/';

export function schemaRef(name: string): JsonObject {
  return { $ref: SCHEMAS + name };
}

/**
 * Schemas of profiles and patches: one of the profiles of each vendor, and one of the patch, whose
 * common fields accept what any vendor accepts, since only the id determines the target.
 */
export function profileSchemas(adapters: readonly Adapter[]): JsonObject {
  const vendors = adapters.map(({ vendor }) => vendor);
  return {
    Profile: {
      oneOf: vendors.map((vendor) => schemaRef(`Profile.${vendor}`)),
      discriminator: {
        propertyName: 'vendor',
        mapping: Object.fromEntries(
          vendors.map((vendor) => [vendor, `${SCHEMAS}Profile.${vendor}`]),
        ),
      },
    },
    ...Object.assign({}, ...adapters.map(vendorSchemas)),
    ProfilePatch: closedObject({
      ...commonMembers(adapters, isWritable, patchedSchema),
      extensions: extensionRefs(adapters, isWritable, 'ExtensionsPatch'),
    }),
    NewProfile: {
      ...closedObject({
        target: { type: 'string', description: 'Name of the target.' },
        id: {
          type: 'string',
          minLength: 1,
          maxLength: ID_CODE_POINTS_MAX,
          description: 'The profile is linked to it in the same step.',
        },
        ...commonMembers(adapters, isCreatable, patchedSchema),
        extensions: extensionRefs(adapters, isCreatable, 'NewExtensions'),
      }),
      required: ['target'],
    },
  };
}

function extensionRefs(adapters: readonly Adapter[], belongs: Belongs, name: string): JsonObject {
  const own = adapters.filter((adapter) => hasExtensions(adapter, belongs));
  return closedObject(
    Object.fromEntries(own.map(({ vendor }) => [vendor, schemaRef(`${name}.${vendor}`)])),
  );
}

function vendorSchemas(adapter: Adapter): JsonObject {
  const { title, vendor } = adapter;
  const { shape } = profileNames();
  const names = Object.keys(shape).map((name) => [name, profileNameSchema(name, vendor)]);
  const shown = hasExtensions(adapter, isShown);
  const written = hasExtensions(adapter, isWritable);
  const extensions = closedObject({ [vendor]: schemaRef(`Extensions.${vendor}`) });
  return {
    [`Profile.${vendor}`]: {
      title,
      ...closedObject({
        ...Object.fromEntries(names),
        ...commonMembers([adapter], isShown, shownSchema),
        ...(shown ? { extensions } : {}),
      }),
      required: Object.keys(shape),
    },
    ...(shown
      ? { [`Extensions.${vendor}`]: closedObject(extensionMembers(adapter, isShown, shownSchema)) }
      : {}),
    ...(written
      ? {
          [`ExtensionsPatch.${vendor}`]: closedObject(
            extensionMembers(adapter, isWritable, patchedSchema),
          ),
        }
      : {}),
    ...(hasExtensions(adapter, isCreatable)
      ? {
          [`NewExtensions.${vendor}`]: closedObject(
            extensionMembers(adapter, isCreatable, patchedSchema),
          ),
        }
      : {}),
  };
}

function profileNameSchema(name: string, vendor: string): JsonObject {
  return { type: 'string', readOnly: true, ...(name === 'vendor' ? { const: vendor } : {}) };
}

type Belongs = (field: Field) => boolean;
const isShown: Belongs = (field) => field.access !== 'write_only';
const isWritable: Belongs = (field) => field.access !== 'read_only';

const isCreatable: Belongs = (field) =>
  field.patchOnly !== true && (isWritable(field) || field.createOnly === true);

function hasExtensions(adapter: Adapter, belongs: Belongs): boolean {
  return Object.keys(extensionMembers(adapter, belongs, shownSchema)).length > 0;
}

function extensionMembers(adapter: Adapter, belongs: Belongs, of: SchemaOf): JsonObject {
  const members = [...fieldsByPointer([adapter])].map(
    ([pointer, fields]) => [extensionName(pointer), fields] as const,
  );
  return memberSchemas(members, belongs, of);
}

function commonMembers(adapters: readonly Adapter[], belongs: Belongs, of: SchemaOf): JsonObject {
  const members = [...fieldsByPointer(adapters)].map(
    ([pointer, fields]) =>
      [extensionName(pointer) === undefined ? pointer.slice(1) : undefined, fields] as const,
  );
  return memberSchemas(members, belongs, of);
}

type SchemaOf = (field: Field) => JsonObject;

function memberSchemas(
  members: readonly (readonly [name: string | undefined, fields: readonly TitledField[]])[],
  belongs: Belongs,
  of: SchemaOf,
): JsonObject {
  const schemas: [string, JsonObject][] = [];
  for (const [name, fields] of members) {
    const own = fields.filter(({ field }) => belongs(field));
    if (name === undefined || own.length === 0) continue;
    schemas.push([name, { ...eitherOf(own, of), ...markers(fields, belongs) }]);
  }
  return Object.fromEntries(schemas);
}

/**
 * Returns the markers of a field that hold under every configuration. What no patch changes is
 * read-only where it is shown: a new profile may be sent with it.
 */
function markers(fields: readonly TitledField[], belongs: Belongs): JsonObject {
  const all = (access: Field['access']): boolean =>
    fields.every(({ field }) => field.access === access);
  return {
    ...(belongs === isShown && all('read_only') ? { readOnly: true } : {}),
    ...(all('write_only') ? { writeOnly: true } : {}),
    ...(fields.some(({ field }) => field.sensitive === true) ? { 'x-sensitive': true } : {}),
  };
}

function closedObject(properties: JsonObject): JsonObject {
  return { type: 'object', properties, additionalProperties: false };
}
