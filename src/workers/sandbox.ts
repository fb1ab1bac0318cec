import {
  createSandboxSet,
  type SandboxSet,
  sandboxConfiguration,
} from '../../adapters/sandbox-kit/host.ts';
import { sandboxes as factories } from '../../adapters/sandboxes.ts';

/** A name that can never be resolved, so that a sandbox's request cannot leave by mistake. */
const SANDBOX_ORIGIN = 'https://sandboxes.invalid';

let set: SandboxSet | undefined;

function sandboxes(): SandboxSet {
  set ??= createSandboxSet(Date.now, factories);
  return set;
}

/** Reports whether `request` is meant for a sandbox. */
export function answers(request: Request): boolean {
  return request.url.startsWith(`${SANDBOX_ORIGIN}/`);
}

/** Answers for every vendor, in memory of this isolate. */
export function sandboxFetch(request: Request): Response | Promise<Response> {
  return sandboxes().fetch(request);
}

/** The configuration by which every sandbox is a target. */
export function sandboxDocument(): string {
  return JSON.stringify(sandboxConfiguration(sandboxes(), SANDBOX_ORIGIN));
}
