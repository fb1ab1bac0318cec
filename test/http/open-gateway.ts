import { adapters } from '../../adapters/index.ts';
import { isList, isObject, type JsonObject, own, ownText } from '../../src/contract/index.ts';
import { type CallerKeys, createCallerBook, SCOPES } from '../../src/gateway/callers.ts';
import { nodeDigests } from '../../src/gateway/digests-node.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createTarget } from '../../src/gateway/target.ts';

/** The gateway of a configuration document; throws when the document cannot be used. */
export async function openGateway(document: JsonObject, now: () => number): Promise<Gateway> {
  const targets = new Map();
  for (const [name, given] of Object.entries(document.targets as JsonObject)) {
    const { vendor, timeoutMs, idSpace, ...settings } = given as JsonObject;
    const adapter = adapters.find((candidate) => candidate.vendor === vendor);
    if (adapter === undefined) throw new Error(`no vendor ${String(vendor)}`);
    const opened = adapter.open(settings);
    if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
    targets.set(
      name,
      createTarget({
        name,
        idSpace: typeof idSpace === 'string' ? idSpace : name,
        timeoutMs: typeof timeoutMs === 'number' ? timeoutMs : 10_000,
        adapter,
        connection: opened.connection,
        now,
      }),
    );
  }
  const callers = own(document, 'callers');
  return {
    adapters,
    targets,
    defaultTarget: undefined,
    callers: isObject(callers)
      ? await createCallerBook(Object.entries(callers).map(callerKeys), nodeDigests)
      : undefined,
  };
}

function callerKeys([name, given]: [string, unknown]): CallerKeys {
  const settings = given as JsonObject;
  const keys = isList(settings.keys) ? settings.keys : [ownText(settings, 'key')];
  const scopes = isList(settings.scopes) ? settings.scopes : [];
  return {
    caller: { name, scopes: new Set(SCOPES.filter((scope) => scopes.includes(scope))) },
    keys: keys.filter((key) => typeof key === 'string'),
  };
}
