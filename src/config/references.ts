import { settingsPath } from '../adapter-kit/index.ts';
import { CONFIGURATION_DEPTH_MAX, CONFIGURATION_VALUES_MAX } from '../limits.ts';
import type { ConfigProblem } from './diagnostics.ts';

/** Source of referenced values; returns undefined or throws for a name that is not there. */
export type VariableSource = {
  readonly environment: (name: string) => string | undefined;
  /** Absent where the runtime reads no files; `failure` says why the file cannot be read. */
  readonly file?: (path: string) => string | { readonly failure: string } | undefined;
};

export type ResolvedDocument = {
  /** The document with every reference replaced, its maps and lists copied. */
  readonly value: unknown;
  /** The paths of strings that held a reference. */
  readonly referenced: ReadonlySet<string>;
  readonly problems: readonly ConfigProblem[];
};

/** Stands for a value that could not be resolved, so that the rest can still be checked. */
const UNRESOLVED = 'unresolved';

/**
 * Replaces `${NAME}` by the environment's value and `${file:PATH}` by the file's text without its
 * last line break, anywhere in any string; `$${` gives `${`. What was put in is not looked at
 * again. Keys hold no references. A value of blanks only counts as missing: it is a secret or an
 * address in every use, and neither may be empty.
 */
export function resolveReferences(document: unknown, lookup: VariableSource): ResolvedDocument {
  const referenced = new Set<string>();
  const problems: ConfigProblem[] = [];
  const report = (keys: readonly string[], message: string): void => {
    problems.push({ path: settingsPath(keys), message });
  };
  let values = 0;

  function walk(value: unknown, keys: readonly string[]): unknown {
    values += 1;
    if (values > CONFIGURATION_VALUES_MAX) return undefined;
    if (typeof value === 'string') return text(value, keys);
    if (typeof value !== 'object' || value === null) return value;
    if (keys.length >= CONFIGURATION_DEPTH_MAX) {
      report(keys, `is nested deeper than ${CONFIGURATION_DEPTH_MAX} levels`);
      return undefined;
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown, i) => walk(item, [...keys, String(i)]));
    }
    const members: [string, unknown][] = [];
    for (const [key, member] of Object.entries(value)) {
      // Schemas skip this key without a word, and a careless copy would change a prototype.
      if (key === '__proto__') report([...keys, key], 'cannot be used as a name');
      else members.push([key, walk(member, [...keys, key])]);
    }
    return Object.fromEntries(members);
  }

  function text(source: string, keys: readonly string[]): string {
    if (!source.includes('${')) return source;
    const failures: string[] = [];
    const resolved = source.replace(REFERENCE, (found: string, inner: string | undefined) => {
      if (found === '$${') return '${';
      referenced.add(settingsPath(keys));
      const put = inner === undefined ? MALFORMED : resolveReference(inner, lookup);
      if ('value' in put) return put.value;
      failures.push(put.failure);
      return '';
    });
    for (const failure of failures) report(keys, failure);
    return failures.length === 0 ? resolved : UNRESOLVED;
  }

  const value = walk(document, []);
  return values > CONFIGURATION_VALUES_MAX
    ? { value: undefined, referenced, problems: [TOO_MANY] }
    : { value, referenced, problems };
}

const TOO_MANY: ConfigProblem = {
  path: '',
  message: `the document has more than ${CONFIGURATION_VALUES_MAX} values`,
};

/** A literal `$${`, a reference with its inner text, or a `${` that is no reference. */
const REFERENCE = /\$\$\{|\$\{([^{}]*)\}|\$\{/g;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const FILE_PREFIX = 'file:';

type ResolvedReference = { readonly value: string } | { readonly failure: string };

const MALFORMED = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
  failure: 'has a malformed reference: ${NAME} or ${file:PATH} is one, $${ stands for ${ itself',
};

function resolveReference(inner: string, lookup: VariableSource): ResolvedReference {
  if (inner.startsWith(FILE_PREFIX)) return resolveFile(inner.slice(FILE_PREFIX.length), lookup);
  if (!VARIABLE_NAME.test(inner)) return MALFORMED;
  const value = found(lookup.environment, inner);
  if (value === undefined) return { failure: `the environment has no ${inner}` };
  return value.trim() === '' ? { failure: `${inner} of the environment is empty` } : { value };
}

function resolveFile(path: string, { file }: VariableSource): ResolvedReference {
  if (path === '') return MALFORMED;
  if (file === undefined) return { failure: 'refers to a file, and this runtime reads none' };
  const content = file(path);
  if (typeof content !== 'string') {
    return { failure: `the file ${path} ${content?.failure ?? 'cannot be read'}` };
  }
  const value = content.replace(/\r?\n$/, '');
  return value.trim() === '' ? { failure: `the file ${path} is empty` } : { value };
}

/** Only text counts: an environment that is an object also has a `toString`. */
function found(look: (name: string) => unknown, name: string): string | undefined {
  try {
    const value = look(name);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
