// Written by `npm run generate` from the folders beside this file.

import { createSandbox as iam } from './iam/sandbox/index.ts';
import { createSandbox as keystone } from './keystone/sandbox/index.ts';
import { createSandbox as naver } from './naver/sandbox/index.ts';
import { createSandbox as nerm } from './nerm/sandbox/index.ts';
import type { Sandbox, SandboxOptions } from './sandbox-kit/sandbox.ts';
import { createSandbox as senlin } from './senlin/sandbox/index.ts';

/** Every sandbox, by folder. */
export const sandboxes: Readonly<Record<string, (options: SandboxOptions) => Sandbox>> = {
  iam,
  keystone,
  naver,
  nerm,
  senlin,
};
