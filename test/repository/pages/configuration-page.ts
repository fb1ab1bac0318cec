import { isObject, type JsonObject, own } from '../../../src/adapter-kit/index.ts';
import { type ConfigurationParts, property, withProperties } from './configuration.ts';
import { rowsOf } from './configuration-rows.ts';
import { code, GENERATED, table } from './markdown.ts';
import { vendors as allVendors } from './vendors.ts';

/** `docs/configuration.md`: every key with its type, default, bounds and one sentence. */
export function configurationPage({ document, target, vendors }: ConfigurationParts): string {
  const part = (name: string): JsonObject => property(document, name);
  const vendorParts = allVendors.flatMap(({ docs, title, vendor }) => [
    `### Vendor ${code(vendor)}`,
    `${title}. Documents of the vendor: <${docs}>.`,
    keysTable(vendors.get(vendor) ?? {}),
  ]);
  const parts = [
    '# Configuration',
    GENERATED,
    'Every key of the configuration. [gateway.example.yaml](../gateway.example.yaml) is a complete ' +
      'configuration with comments, [examples](examples/) has more.',
    [
      '- Unknown keys are errors. All problems are reported at once, and the exit code is 78.',
      `- Any string can hold \`"\${NAME}"\` (an environment variable; on Workers a secret binding) ` +
        `or \`"\${file:PATH}"\` (the content of a file, Node only); \`$\${\` is a literal \`\${\`.`,
      '- Paths of files are relative to the folder of the configuration. Pipes and devices are refused.',
      '- [gateway.schema.json](gateway.schema.json) is the JSON Schema for editors: begin a file ' +
        'with `# yaml-language-server: $schema=PATH`. `check` also finds what a schema cannot ' +
        'express, such as a rule that leads to no target.',
    ].join('\n'),
    '```sh\nnpm run gateway -- check gateway.yaml\n```',
    '## Top level',
    keysTable(outline(document)),
    ...section('listen', part('listen')),
    ...section('admin', part('admin')),
    ...section('cors', part('cors'), 'Below `cors`; see [browsers](api.md#browsers):'),
    ...section('targets', target, 'Below `targets.<name>`, for every vendor:'),
    ...vendorParts,
    ...section(
      'routes',
      entries(part('routes'), 'items'),
      'Each entry of `routes`; see [routing](routing.md):',
    ),
    ...section(
      'callers',
      entries(part('callers'), 'additionalProperties'),
      'Below `callers.<name>`; see [authentication](authentication.md):',
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function section(name: string, schema: JsonObject, lead = `Below ${code(name)}:`): string[] {
  return [`## ${code(name)}`, lead, keysTable(schema)];
}

/** The keys of the top level alone; what is in them has a section of its own. */
function outline(document: JsonObject): JsonObject {
  const names = ['listen', 'admin', 'cors', 'targets', 'routes', 'callers'];
  const closed = names.map((name) => {
    const { additionalProperties: _, items, properties: __, ...rest } = property(document, name);
    return [name, items === undefined ? rest : { ...rest, items: { type: 'object' } }];
  });
  return withProperties(document, Object.fromEntries(closed));
}

function entries(schema: JsonObject, keyword: string): JsonObject {
  const found = own(schema, keyword);
  return found !== undefined && isObject(found) ? { ...found } : {};
}

function keysTable(schema: JsonObject): string {
  return table(
    ['key', 'type', 'default', 'description'],
    rowsOf(schema).map(({ byDefault, description, key, type, when }) => {
      const only = when.length === 0 ? '' : ` Only with ${when.map(code).join(' and ')}.`;
      return [code(key), type, byDefault, description + only];
    }),
  );
}
