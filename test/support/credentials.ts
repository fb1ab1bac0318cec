import type { CredentialGate, CredentialPass } from '../../src/upstream/credential-gate.ts';

/** A pass that is given at once. */
export function passOf({ enter }: CredentialGate): CredentialPass {
  const entered = enter(Number.POSITIVE_INFINITY, 60_000);
  if (entered instanceof Promise || !entered.ok) throw new Error('no pass is given at once');
  return entered.value;
}
