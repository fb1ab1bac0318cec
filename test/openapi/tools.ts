import { execFile } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { adapters } from '../../adapters/index.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { ROOT } from '../support/child.ts';

const execute = promisify(execFile);
const TOOLS = join(ROOT, 'test/openapi/tools/node_modules');

export const areToolsInstalled = existsSync(join(TOOLS, 'orval'));

/** Reports a suite that the missing tools keep from running. */
export function reportMissingTools(suite: string): void {
  if (areToolsInstalled || !process.env.SKIP_REASONS) return;
  const reason = `${suite}: skipped (npm ci --prefix test/openapi/tools)`;
  appendFileSync(process.env.SKIP_REASONS, `${reason}\n`);
}

/** A temporary folder that holds the API document, and in which the tools are installed. */
export type Workplace = {
  readonly folder: string;
  /** Runs a program of the tools; returns its exit code and what it prints on both outputs. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<Ended>;
  readonly remove: () => void;
};

export type Ended = { readonly code: number; readonly output: string };

export function createWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-openapi-'));
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(openApiDocument(adapters)));
  if (areToolsInstalled) symlinkSync(TOOLS, join(folder, 'node_modules'));
  // Neither telemetry nor a look for newer versions.
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  return {
    folder,
    run: async (program, ...args) => {
      const file = join(folder, 'node_modules', program);
      const ended = execute(process.execPath, [file, ...args], { cwd: folder, env });
      const {
        code = 0,
        stderr,
        stdout,
      } = await ended.then(
        (outputs) => ({ ...outputs, code: 0 }),
        (error: { code: number; stdout: string; stderr: string }) => error,
      );
      return { code, output: stdout + stderr };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
