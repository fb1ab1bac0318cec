import type { Script } from 'node:vm';
import type { Program } from '../cli/begin.ts';

export type CompiledProgram = {
  readonly script: Script;
  readonly run: () => Program;
};

/** The file beside a program that holds what V8 has compiled of it. */
export const codeCacheOf = (path: string): string => path.replace(/\.cjs$/, '.cache');

/**
 * Compiles the built gateway, a function around a CommonJS module, with the code that its build has
 * kept: a start then takes two thirds of the processor time. Node's own cache has no functions that
 * are compiled at their first call, and saves a third of that. V8 rejects the code of another
 * version, or of flags that change code, and compiles anew.
 */
export function compileProgram(path: string): CompiledProgram {
  // Not imported, which would read every member of these modules, and load what they load.
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { createRequire } = process.getBuiltinModule('node:module');
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  const vm = process.getBuiltinModule('node:vm');
  const cachedData = readKept(codeCacheOf(path));
  // The build writes ASCII, which is read in half the time as such.
  const text = readFileSync(path, 'latin1');
  const script = new vm.Script(text, {
    filename: path,
    // Libraries in it import modules of Node when they need them.
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData && { cachedData }),
  });
  return {
    script,
    run: () => script.runInThisContext()({}, createRequire(path), pathToFileURL(path).href),
  };

  function readKept(file: string): Buffer | undefined {
    try {
      return readFileSync(file);
    } catch {
      return undefined;
    }
  }
}
