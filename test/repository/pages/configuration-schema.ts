import { isObject, type Json, type JsonObject, own } from '../../../src/adapter-kit/index.ts';
import {
  alternativesOf,
  type ConfigurationParts,
  propertiesOf,
  property,
  requiredOf,
  withProperties,
} from './configuration.ts';

const DEFINED = '#/$defs';

/** `docs/gateway.schema.json`: the whole configuration, for editors. */
export function configurationSchema({ document, target, vendors }: ConfigurationParts): JsonObject {
  const options = [...vendors].flatMap(([vendor, settings]) =>
    alternativesOf(settings).map((option) => targetOf(vendor, target, option)),
  );
  const routes = property(document, 'routes');
  const callers = property(document, 'callers');
  const whole = withProperties(document, {
    targets: { ...property(document, 'targets'), additionalProperties: { oneOf: options } },
    routes: { ...routes, items: oneOfKeys(own(routes, 'items'), ['to', 'split']) },
    callers: {
      ...callers,
      additionalProperties: oneOfKeys(own(callers, 'additionalProperties'), ['key', 'keys', 'jwt']),
    },
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of the profile gateway',
    $comment: 'Written by `npm run generate` from the schemas of the gateway and its adapters.',
    ...withReferences(whole),
    $defs: {
      ...withReferences(propertiesOf(target)),
      reference: {
        description: 'An environment variable or the content of a file.',
        type: 'string',
        pattern: String.raw`(?:^|[^$])\$\{[^}]+\}`,
      },
    },
  };
}

/** A target of one vendor, and of one alternative of its settings. */
function targetOf(vendor: string, target: JsonObject, settings: JsonObject): JsonObject {
  const common = Object.keys(propertiesOf(target)).map((key) => [
    key,
    { $ref: `${DEFINED}/${key}` },
  ]);
  return {
    title: vendor,
    type: 'object',
    properties: {
      ...Object.fromEntries(common),
      vendor: { ...property(target, 'vendor'), const: vendor },
      ...propertiesOf(settings),
    },
    required: [...requiredOf(target), ...requiredOf(settings)],
    additionalProperties: false,
  };
}

function oneOfKeys(schema: Json | undefined, keys: readonly string[]): JsonObject {
  if (schema === undefined || !isObject(schema)) throw new Error('no schema of entries');
  return { ...schema, oneOf: keys.map((key) => ({ required: [key] })) };
}

/** Any text but a constant may be a reference, which fits no pattern, format or list of values. */
function withReferences<T extends Json>(schema: T): T;
function withReferences(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withReferences);
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).map(([key, value]): [string, Json] =>
    key === 'propertyNames' ? [key, value] : [key, withReferences(value)],
  );
  const { description, default: byDefault, ...form } = Object.fromEntries(members);
  const isForm = ['pattern', 'format', 'enum'].some((keyword) => keyword in form);
  if (form.type !== 'string' || !isForm) return Object.fromEntries(members);
  return {
    ...(description === undefined ? {} : { description }),
    ...(byDefault === undefined ? {} : { default: byDefault }),
    anyOf: [form, { $ref: `${DEFINED}/reference` }],
  };
}
