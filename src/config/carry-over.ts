import type { Connection } from '../adapter-kit/index.ts';
import type { Target } from '../upstream/target.ts';
import type { Entries } from './diagnostics.ts';
import { targetSchema } from './schema.ts';

/** Settings that a target was configured with; kept aside, since it holds secrets. */
type Settings = { readonly own: string; readonly vendor: string };

const settingsOf = new WeakMap<Connection, Settings>();

/** Remembers what `connection` was opened with, so that a later version can be compared. */
export function rememberSettings(connection: Connection, entry: Entries): void {
  const members = Object.entries(entry).filter(([key]) => key !== 'mode');
  const isOwn = ([key]: [string, unknown]): boolean =>
    key !== 'vendor' && Object.hasOwn(targetSchema().shape, key);
  settingsOf.set(connection, {
    own: JSON.stringify(members.filter(isOwn)),
    vendor: JSON.stringify(members.filter((member) => !isOwn(member))),
  });
}

/**
 * Carries run-time state over from the target of the same name in the previous configuration.
 * Health and drain need the same name only; token, credential cooldown and retry budget also the
 * same account; and where no setting has changed, all state but the configured mode is kept.
 */
export function carryOverTarget(fresh: Target, before: Target | undefined): Target {
  if (before === undefined) return fresh;
  const { health, control, credentials, redactor, retryBudget, writeNamespace } = before;
  const isRenamed = writeNamespace !== fresh.writeNamespace;
  const formerNamespace = isRenamed ? writeNamespace : before.formerNamespace;
  const [was, is] = [settingsOf.get(before.connection), settingsOf.get(fresh.connection)];
  if (was === undefined || is === undefined || was.vendor !== is.vendor) {
    return { ...fresh, formerNamespace, health, control };
  }
  // The same setting may name a file that is another one by now.
  const { configuredMode, transport } = fresh;
  if (was.own === is.own) return { ...before, configuredMode, transport };
  return { ...fresh, formerNamespace, health, control, credentials, redactor, retryBudget };
}
