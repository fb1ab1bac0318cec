import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { adapters } from '../../adapters/index.ts';
import { isList, isObject, type Json, ownObject } from '../../src/adapter-kit/index.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { ROOT } from '../support/child.ts';

/** The schemas that the client's types are made of; those that they name follow. */
const ROOTS = [
  'CapabilityList',
  'Explanation',
  'Problem',
  'ProfileAnswer',
  'ProfilePatch',
  'NewProfile',
];
const ANSWERS = ['WriteAnswer'];

const GENERATOR = `${ROOT}/test/client/tools/node_modules/openapi-typescript/dist/index.mjs`;
const HEADER = `/** Types of the HTTP interface, which \`npm run generate:client\` makes of \`/openapi.json\`. */\n\n`;

type TypeGenerator = {
  readonly default: (document: Json, options: object) => Promise<unknown>;
  readonly astToString: (ast: unknown) => string;
};

export const isGeneratorInstalled = existsSync(GENERATOR);

/** Returns the text of `src/client/generated/api-types.ts`. */
export async function clientTypes(): Promise<string> {
  const document = openApiDocument(adapters);
  const all = ownObject(ownObject(document, 'components') ?? {}, 'schemas') ?? {};
  const names = new Set<string>([...ROOTS, ...ANSWERS]);
  // A set visits what is added to it meanwhile.
  for (const name of names) for (const other of named(all[name] ?? null)) names.add(other);
  const schemas = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
  const generator: TypeGenerator = await import(pathToFileURL(GENERATOR).href);
  const shown = {
    openapi: '3.1.0',
    info: document.info ?? null,
    paths: {},
    components: { schemas },
  };
  const ast = await generator.default(shown, { immutable: true, silent: true });
  return HEADER + generator.astToString(ast);
}

function* named(schema: Json): Generator<string> {
  if (isList(schema)) for (const item of schema) yield* named(item);
  if (!isObject(schema)) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === '$ref' && typeof value === 'string') yield value.slice(value.lastIndexOf('/') + 1);
    else yield* named(value);
  }
}
