import type * as z from 'zod/mini';
import { checkSettings } from '../adapter-kit/index.ts';
import { SECRET_CHARACTERS_MIN, SECRET_DIFFERENT_CHARACTERS_MIN } from '../limits.ts';

/** Something that keeps a configuration from being used; `path` is inside the document. */
export type ConfigProblem = { readonly path: string; readonly message: string };

/** A map of the document, its references resolved. */
export type Entries = Readonly<Record<string, unknown>>;

/** Gathers every problem and warning of one reading. None of them quotes a value. */
export type Diagnostics = {
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly string[];
  readonly error: (path: string, message: string) => void;
  readonly warning: (path: string, message: string) => void;
  /** The value as `schema` reads it; undefined after its issues were reported. */
  readonly check: <T>(schema: z.core.$ZodType<T>, value: unknown, path: string) => T | undefined;
  /** Reports whether the string at `path` held a reference. */
  readonly isReferenced: (path: string) => boolean;
};

/** `unresolved` are the problems of references: nothing more is said of their places. */
export function createDiagnostics(
  unresolved: readonly ConfigProblem[],
  referenced: ReadonlySet<string>,
): Diagnostics {
  const problems = [...unresolved];
  const warnings: string[] = [];
  const settled = new Set(unresolved.map(({ path }) => path));
  const error = (path: string, message: string): void => {
    if (!settled.has(path)) problems.push({ path, message });
  };
  return {
    problems,
    warnings,
    error,
    warning: (path, message) => warnings.push(`${path}: ${message}`),
    check: (schema, value, path) => {
      const checked = checkSettings(schema, value);
      if (checked.ok) return checked.value;
      for (const issue of checked.issues) error(join(path, issue.path), issue.message);
      return undefined;
    },
    isReferenced: (path) => referenced.has(path),
  };
}

/** A secret that stands in the document itself, or that is too short to be hidden in texts. */
export function warnOfSecret(diagnostics: Diagnostics, path: string, secret: string): void {
  if (!diagnostics.isReferenced(path)) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
    diagnostics.warning(path, 'holds a secret itself; refer to it by ${NAME} or ${file:PATH}');
  }
  if (secret.length < SECRET_CHARACTERS_MIN) {
    const message = `is shorter than ${SECRET_CHARACTERS_MIN} characters, so it cannot be hidden`;
    diagnostics.warning(path, `${message} where a target repeats it`);
  }
  if (/[\r\n]$/.test(secret)) diagnostics.warning(path, 'ends in a line break');
  if (new Set(secret).size < SECRET_DIFFERENT_CHARACTERS_MIN) {
    diagnostics.warning(path, 'is made of few different characters, so it may be guessed');
  }
}

/** The path of `below` inside `path`; either may be empty. */
export function join(path: string, below: string): string {
  return path === '' || below === '' ? path + below : `${path}.${below}`;
}

export function isMap(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
