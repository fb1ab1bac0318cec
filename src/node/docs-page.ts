import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DocsFile, FindDocsFile } from '../http/routes/docs.ts';

/** Addresses are relative, so that the page works below a path of a proxy too. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Profile gateway: API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/page.css">
</head>
<body>
<main id="reference"></main>
<noscript>Without scripts: <a href="openapi.json">openapi.json</a></noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/page.js"></script>
</body>
</html>
`;

const STYLE = `body { margin: 0; }
.swagger-ui .info { margin: 32px 0 16px; }
`;

/** No badge of a validator and no proxy: both would ask another host. */
const SCRIPT = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  queryConfigEnabled: false,
  syntaxHighlight: { activated: true },
  validatorUrl: null,
});
`;

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const JAVASCRIPT = 'text/javascript; charset=utf-8';

const WRITTEN: ReadonlyMap<string, DocsFile> = new Map([
  ['', docsFile(HTML, Buffer.from(PAGE))],
  ['page.css', docsFile(CSS, Buffer.from(STYLE))],
  ['page.js', docsFile(JAVASCRIPT, Buffer.from(SCRIPT))],
]);

/** Files of `swagger-ui-dist`, which `npm run build:docs` copies beside the built gateway. */
const COPIED: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', CSS],
  ['swagger-ui-bundle.js', JAVASCRIPT],
]);

/** Creates the lookup of the page's files; they are read at their first request, and kept. */
export function createDocs(isOn: () => boolean): FindDocsFile {
  const kept = new Map<string, Promise<DocsFile | undefined>>();
  return async (name) => {
    if (!isOn()) return undefined;
    const written = WRITTEN.get(name);
    const type = COPIED.get(name);
    if (type === undefined) return written;
    const reading = kept.get(name) ?? readCopied(name, type);
    kept.set(name, reading);
    const file = await reading;
    if (file === undefined) kept.delete(name);
    return file;
  };
}

/** Reads a file of the build, or else of the package; undefined: neither is there. */
async function readCopied(name: string, type: string): Promise<DocsFile | undefined> {
  // Built, this module is part of `dist/program.cjs`.
  for (const folder of [() => new URL('docs/', import.meta.url), packageFolder]) {
    try {
      return docsFile(type, await readFile(new URL(name, folder())));
    } catch {
      // The next folder may have it.
    }
  }
  return undefined;
}

function docsFile(type: string, bytes: Uint8Array<ArrayBuffer>): DocsFile {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  return { type, bytes, etag };
}

function packageFolder(): string {
  return import.meta.resolve('swagger-ui-dist/package.json');
}
