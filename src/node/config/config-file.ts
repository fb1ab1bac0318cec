import { type ErrorCode, LineCounter, parseDocument, visit } from 'yaml';
import type { ConfigProblem } from '../../config/diagnostics.ts';
import { YAML_ALIASES_MAX } from '../../limits.ts';
import { type FileRead, readRegularFile } from './regular-file.ts';

export type ConfigurationFile =
  | { readonly ok: true; readonly document: unknown }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Reads a YAML 1.2 or JSON file into plain data. The `path` of a problem is the file's own, with
 * line and column where they are known. Nothing of the file's text stands in a problem.
 */
export function readConfigurationFile(
  path: string,
  read: (path: string) => FileRead = readRegularFile,
): ConfigurationFile {
  const refuse = (message: string): ConfigurationFile => ({
    ok: false,
    problems: [{ path, message }],
  });
  const file = read(path);
  if (!file.ok) return refuse(file.failure);
  try {
    return parseConfiguration(new TextDecoder('utf-8', { fatal: true }).decode(file.bytes), path);
  } catch {
    return refuse('is not UTF-8 text');
  }
}

/** The parser's own messages quote the text, and so do its warnings: neither is passed on. */
function parseConfiguration(text: string, path: string): ConfigurationFile {
  const lineCounter = new LineCounter();
  const parsed = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    // A date, a number or a list as a key would change its text; `<<` is no key of ours.
    stringKeys: true,
    merge: false,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter,
  });
  const problemAt = (offset: number, message: string): ConfigProblem => {
    const { col, line } = lineCounter.linePos(offset);
    return { path: `${path}:${line}:${col}`, message };
  };
  const problems = [...parsed.errors, ...parsed.warnings].map(({ code, pos }) =>
    problemAt(pos[0], MESSAGES[code] ?? 'is not valid YAML'),
  );
  for (const offset of unknownAliases(parsed)) {
    problems.push(problemAt(offset, 'has an alias without an anchor: put a leading * in quotes'));
  }
  if (problems.length > 0) return { ok: false, problems };
  try {
    return { ok: true, document: parsed.toJS({ maxAliasCount: YAML_ALIASES_MAX }) };
  } catch {
    const message = `has aliases that unfold to more than ${YAML_ALIASES_MAX} values each`;
    return { ok: false, problems: [{ path, message }] };
  }
}

/** Finds aliases whose anchor does not precede them. */
function unknownAliases(parsed: ReturnType<typeof parseDocument>): number[] {
  const anchors = new Set<string>();
  const offsets: number[] = [];
  visit(parsed, {
    Alias: (_key, { range, source }) => {
      if (!anchors.has(source)) offsets.push(range?.[0] ?? 0);
    },
    Value: (_key, { anchor }) => {
      if (anchor !== undefined) anchors.add(anchor);
    },
  });
  return offsets;
}

const MESSAGES: { readonly [code in ErrorCode]?: string } = {
  BAD_INDENT: 'is indented wrongly, or a bracket before it is not closed',
  BAD_SCALAR_START: 'begins with a sign that needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'has a second colon: put the value in quotes',
  DUPLICATE_KEY: 'is a key that stands here twice',
  MISSING_CHAR: 'lacks a sign such as a quote, a comma or a bracket',
  MULTIPLE_DOCS: 'begins a second document',
  NON_STRING_KEY: 'is a key that is no text',
  TAB_AS_INDENT: 'is indented by a tab',
  TAG_RESOLVE_FAILED: 'has an unknown tag: put a value that begins with ! in quotes',
  UNEXPECTED_TOKEN: 'is not expected here',
};
