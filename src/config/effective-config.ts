import { isObject, type Json, type JsonObject, settingsPath } from '../adapter-kit/index.ts';
import { SECRET_CHARACTERS_MIN } from '../limits.ts';
import type { Target } from '../upstream/target.ts';
import { type Entries, isMap, join } from './diagnostics.ts';
import type { Listen } from './schema.ts';

export type EffectiveOptions = {
  /** The document, its references resolved. */
  readonly document: Entries;
  readonly listen: Listen;
  readonly targets: ReadonlyMap<string, Target>;
  /** The paths of strings that held a reference. */
  readonly referenced: ReadonlySet<string>;
};

/**
 * The configuration as it is in force, defaults of the gateway's own settings included. Secrets,
 * keys and whatever came from a reference stand there as `«secret:path»`; a secret that is repeated
 * elsewhere is hidden there too.
 */
export function effectiveDocument(options: EffectiveOptions): JsonObject {
  const { document, listen, referenced, targets } = options;
  const secrets = secretsIn(document, targets);
  const hide = createHiding(secrets);
  const hidden = new Set([...referenced, ...secrets.map(({ path }) => path)]);

  const show = (value: unknown, path: string): Json => {
    if (typeof value === 'string') {
      if (hidden.has(path)) return mark(path);
      return hide(value);
    }
    if (Array.isArray(value)) return value.map((item, i) => show(item, join(path, String(i))));
    if (isMap(value)) {
      const members = Object.entries(value).map(([key, member]): [string, Json] => [
        key,
        show(member, join(path, settingsPath([key]))),
      ]);
      return Object.fromEntries(members);
    }
    return typeof value === 'number' || typeof value === 'boolean' ? value : null;
  };

  const entries = isMap(document.targets) ? document.targets : {};
  const withDefaults = Object.entries(entries).map(([name, entry]): [string, unknown] => {
    const { idNamespace, configuredMode: mode, settleMs, timeoutMs } = targets.get(name) ?? {};
    return [name, { idNamespace, timeoutMs, settleMs, mode, ...(isMap(entry) ? entry : {}) }];
  });
  const shown = show({ ...document, listen, targets: Object.fromEntries(withDefaults) }, '');
  return isObject(shown) ? shown : {};
}

/**
 * Hides secrets that a text repeats, longer ones first. Those that it may hold are found by how
 * they begin: of many targets each has some secrets, and each has texts.
 */
function createHiding(secrets: readonly SecretAt[]): (text: string) => string {
  const begin = (text: string, at = 0): string => text.slice(at, at + SECRET_CHARACTERS_MIN);
  const byBegin = Map.groupBy(secrets, ({ value }) => begin(value));
  return (text) => {
    const found = new Set<SecretAt>();
    for (let at = 0; at + SECRET_CHARACTERS_MIN <= text.length; at += 1) {
      for (const secret of byBegin.get(begin(text, at)) ?? []) found.add(secret);
    }
    return [...found]
      .sort((a, b) => b.value.length - a.value.length)
      .reduce((hidden, { path, value }) => hidden.replaceAll(value, mark(path)), text);
  };
}

type SecretAt = { readonly path: string; readonly value: string };

/** The secrets that vendors declare, and all keys, hashed ones too: a weak one can be guessed. */
function secretsIn(document: Entries, targets: ReadonlyMap<string, Target>): SecretAt[] {
  const { callers } = document;
  const ofTargets = [...targets].flatMap(([name, { connection }]) =>
    connection.secrets.map((secret) => ({
      path: join(settingsPath(['targets', name]), secret.name),
      value: secret.value,
    })),
  );
  const ofCallers = Object.entries(isMap(callers) ? callers : {}).flatMap(([name, entry]) => {
    const { key, keys } = isMap(entry) ? entry : {};
    const path = settingsPath(['callers', name]);
    const all: (readonly [string, unknown])[] = [
      ['key', key],
      ...(Array.isArray(keys) ? keys : []).map((item, i) => [`keys.${i}`, item] as const),
    ];
    return all.flatMap(([at, value]) =>
      typeof value === 'string' ? [{ path: join(path, at), value }] : [],
    );
  });
  const others = [
    ['state', 'url'],
    ['state', 'hashKey'],
    ['console', 'sessionKey'],
  ] as const;
  const ofOthers = others.flatMap(([part, name]) => {
    const settings = document[part];
    const value = isMap(settings) ? settings[name] : undefined;
    return typeof value === 'string' ? [{ path: join(part, name), value }] : [];
  });
  return [...ofTargets, ...ofCallers, ...ofOthers];
}

function mark(path: string): string {
  return `«secret:${path}»`;
}
