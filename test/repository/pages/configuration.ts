import { type Adapter, isObject, type JsonObject, own } from '../../../src/adapter-kit/index.ts';
import { callerSchema } from '../../../src/config/caller-schema.ts';
import {
  type Descriptions,
  DOCUMENT_DESCRIPTIONS,
  TARGET_DESCRIPTIONS,
} from '../../../src/config/descriptions.ts';
import {
  documentSchema,
  nameSchema,
  routeSchema,
  targetSchema,
} from '../../../src/config/schema.ts';
import { acceptedBy, describe } from './json-schema.ts';
import { vendors as allVendors } from './vendors.ts';

/** The parts of a configuration as described JSON Schemas. */
export type ConfigurationParts = {
  /** Targets, routes and callers included, with the entries of the latter two. */
  readonly document: JsonObject;
  /** The keys that every target has. */
  readonly target: JsonObject;
  /** The keys of a vendor's own, by vendor. */
  readonly vendors: ReadonlyMap<string, JsonObject>;
};

const folders = import.meta.glob<{ readonly descriptions: Descriptions }>(
  '../../../adapters/*/descriptions.ts',
  { eager: true },
);

export function configurationParts(): ConfigurationParts {
  const outline = acceptedBy(documentSchema());
  const entries = { minProperties: 1, propertyNames: acceptedBy(nameSchema()) };
  const document = describe(
    withProperties(outline, {
      targets: { ...property(outline, 'targets'), ...entries },
      routes: { ...property(outline, 'routes'), items: acceptedBy(routeSchema()) },
      callers: {
        ...property(outline, 'callers'),
        ...entries,
        additionalProperties: acceptedBy(callerSchema()),
      },
    }),
    DOCUMENT_DESCRIPTIONS,
    'document',
  );
  return {
    document,
    target: describe(acceptedBy(targetSchema()), TARGET_DESCRIPTIONS, 'target'),
    vendors: new Map(allVendors.map((adapter) => [adapter.vendor, settingsOf(adapter)])),
  };
}

function settingsOf({ settings, vendor }: Adapter): JsonObject {
  const descriptions = folders[`../../../adapters/${vendor}/descriptions.ts`]?.descriptions;
  if (descriptions === undefined) throw new Error(`adapters/${vendor} has no descriptions.ts`);
  return describe(acceptedBy(settings()), descriptions, vendor);
}

/** The alternatives of a schema, which is its own only one where it has none. */
export function alternativesOf(schema: JsonObject): readonly JsonObject[] {
  const options = own(schema, 'oneOf') ?? own(schema, 'anyOf');
  return Array.isArray(options) ? options.filter(isObject).flatMap(alternativesOf) : [schema];
}

export function propertiesOf(schema: JsonObject): JsonObject {
  const properties = own(schema, 'properties');
  return properties !== undefined && isObject(properties) ? properties : {};
}

export function property(schema: JsonObject, name: string): JsonObject {
  const found = own(propertiesOf(schema), name);
  if (found === undefined || !isObject(found)) throw new Error(`no property ${name}`);
  return found;
}

export function withProperties(schema: JsonObject, changed: JsonObject): JsonObject {
  return { ...schema, properties: { ...propertiesOf(schema), ...changed } };
}

/** The keys that must be there. */
export function requiredOf(schema: JsonObject): readonly string[] {
  const required = own(schema, 'required');
  return Array.isArray(required) ? required.map(String) : [];
}
