import { ID_CODE_POINTS_MAX, LINK_TARGETS_MAX } from '../limits.ts';
import type { LinkedTarget } from './link-table.ts';

export type LinkLine =
  | { readonly id: string; readonly targets: readonly LinkedTarget[] }
  | { readonly problem: string };

/** Reads `{"id":…,"targets":{name: upstreamId}}`. The names of targets stand with positions. */
export function parseLinkLine(text: string, positions: ReadonlyMap<string, number>): LinkLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'is not JSON' };
  }
  if (!isRecord(value)) return { problem: 'is not a JSON object' };
  const { id, targets, ...others } = value;
  if (Object.keys(others).length > 0) return { problem: 'has a key besides id and targets' };
  // Without blanks and escapes a text is as long as what it says, unless a key stands in it twice.
  const isPlain = JSON.stringify(value).length === text.length;
  if (!isPlain && repeatsKey(text)) return { problem: 'has a key twice in one object' };
  if (!isText(id)) return { problem: `id must be a text of 1 to ${ID_CODE_POINTS_MAX} characters` };
  if (id.includes(':')) return { problem: 'id must not hold a ":", which names a target' };
  if (!isRecord(targets)) return { problem: 'targets must be an object' };
  return linkedTargets(id, targets, positions);
}

function linkedTargets(
  id: string,
  targets: Readonly<Record<string, unknown>>,
  positions: ReadonlyMap<string, number>,
): LinkLine {
  const linked: LinkedTarget[] = [];
  for (const name of Object.keys(targets)) {
    const upstreamId = targets[name];
    const position = positions.get(name);
    if (position === undefined) return { problem: 'targets names no target' };
    if (!isText(upstreamId)) {
      const problem = `an upstream id must be a text of 1 to ${ID_CODE_POINTS_MAX} characters`;
      return { problem };
    }
    linked.push({ position, upstreamId });
  }
  if (linked.length === 0) return { problem: 'targets must not be empty' };
  if (linked.length > LINK_TARGETS_MAX) return { problem: 'has too many targets' };
  return { id, targets: linked };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reports whether a value can be an id: no other could ever be asked for. */
function isText(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || UNFIT.test(value)) return false;
  return value.length <= ID_CODE_POINTS_MAX || [...value].length <= ID_CODE_POINTS_MAX;
}

const UNFIT = /\p{Cc}|\p{Cs}/u;

/** Reports whether an object in valid JSON text names a key twice. */
export function repeatsKey(text: string): boolean {
  const levels: Set<string>[] = [];
  let last = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}:]/g)) {
    if (token === '{') levels.push(new Set());
    else if (token === '}') levels.pop();
    else if (token === ':') {
      const key: string = JSON.parse(last);
      const keys = levels.at(-1);
      if (keys?.has(key) === true) return true;
      keys?.add(key);
    }
    last = token;
  }
  return false;
}
