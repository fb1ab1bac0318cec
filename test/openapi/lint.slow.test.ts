import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { areToolsInstalled, createWorkplace, reportMissingTools } from './tools.ts';

const REDOCLY = '@redocly/cli/bin/cli.js';
const { folder, remove, run } = createWorkplace();

for (const file of ['redocly.yaml', '.redocly.lint-ignore.yaml']) {
  copyFileSync(new URL(file, import.meta.url), join(folder, file));
}
afterAll(remove);
reportMissingTools('lint of the OpenAPI document');

describe.skipIf(!areToolsInstalled)('by the recommended rules of Redocly', () => {
  test('the document has no error and no warning', async () => {
    const { code, output } = await run(REDOCLY, 'lint', 'openapi.json', '--max-problems=20');
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).not.toMatch(/\b(?:errors?|warnings?)\b/);
  });

  test('an operation without security is found, and a component that nothing uses', async () => {
    const document = JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8'));
    delete document.paths['/profiles/{id}'].patch.security;
    document.components.schemas.Unused = { type: 'string' };
    writeFileSync(join(folder, 'broken.json'), JSON.stringify(document));
    const { code, output } = await run(REDOCLY, 'lint', 'broken.json', '--format=summary');
    expect(code).not.toBe(0);
    expect(output).toContain('security-defined: 1');
    expect(output).toMatch(/no-unused-components: \d/);
  });
});
