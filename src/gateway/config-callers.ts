import { type Digests, settingsPath } from '../contract/index.ts';
import { type CallerBook, type CallerKeys, createCallerBook } from './callers.ts';
import { type Entries, type Findings, isMap, join, warnOfSecret } from './config-findings.ts';
import { callerSchema, nameSchema } from './config-schema.ts';

/** The book of all callers that could be read; problems of the others are reported. */
export async function readCallers(
  entries: Entries,
  digests: Digests,
  findings: Findings,
): Promise<CallerBook> {
  const callers: CallerKeys[] = [];
  const pathsByHash = new Map<string, string>();
  for (const [name, entry] of Object.entries(entries)) {
    const path = settingsPath(['callers', name]);
    findings.check(nameSchema, name, path);
    const caller = findings.check(callerSchema, entry, path);
    const keys = keysOf(entry, path);
    if (isMap(entry) && Object.hasOwn(entry, 'key') === Object.hasOwn(entry, 'keys')) {
      findings.report(path, 'must have either key or keys');
    }
    for (const { at, key } of keys) {
      const hash = isHash(key) ? key : HASH_PREFIX + (await digests.sha256Hex(key));
      const first = pathsByHash.get(hash);
      if (first === undefined) pathsByHash.set(hash, at);
      else findings.report(at, `is the same key as ${first}`);
      if (!isHash(key)) warnOfSecret(findings, at, key);
    }
    if (caller === undefined) continue;
    const scopes = new Set(caller.scopes);
    callers.push({ caller: { name, scopes }, keys: keys.map(({ key }) => key) });
  }
  return createCallerBook(callers, digests);
}

const HASH_PREFIX = 'sha256:';

function isHash(key: string): boolean {
  return key.startsWith(HASH_PREFIX);
}

/** Every key of a caller with its place, also of a caller that cannot be used. */
function keysOf(entry: unknown, path: string): { readonly at: string; readonly key: string }[] {
  if (!isMap(entry)) return [];
  const { key, keys } = entry;
  const places: [string, unknown][] = [[join(path, 'key'), key]];
  if (Array.isArray(keys)) {
    places.push(...keys.map((item, i): [string, unknown] => [join(path, `keys.${i}`), item]));
  }
  return places.flatMap(([at, value]) => (typeof value === 'string' ? [{ at, key: value }] : []));
}
