import * as z from 'zod/mini';
import type { Preferences } from '../profiles/patch-request.ts';
import type { Resolved } from '../routing/resolve.ts';

const NONE: Preferences = { handling: 'strict', atomic: false, minimal: false, applied: '' };

/** Most characters of a header that are looked at. */
const HEADER_CHARACTERS_MAX = 2000;

export function readPreferences(prefer: string | undefined): Preferences {
  if (prefer === undefined) return NONE;
  const tokens = prefer.slice(0, HEADER_CHARACTERS_MAX).split(',');
  const asked = new Map<string, string>();
  for (const token of tokens) {
    const [name = '', value = ''] = (token.split(';')[0] ?? '').split('=');
    const key = name.trim().toLowerCase();
    // The first of two equal preferences counts (RFC 7240, section 2).
    if (!asked.has(key))
      asked.set(
        key,
        value
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .toLowerCase(),
      );
  }
  const handling = asked.get('handling');
  const returned = asked.get('return');
  const applied: string[] = [];
  if (handling === 'strict' || handling === 'lenient') applied.push(`handling=${handling}`);
  if (asked.has('atomic')) applied.push('atomic');
  if (returned === 'minimal' || returned === 'representation') applied.push(`return=${returned}`);
  return {
    handling: handling === 'lenient' ? 'lenient' : 'strict',
    atomic: asked.has('atomic'),
    minimal: returned === 'minimal',
    applied: applied.join(', '),
  };
}

/** The headers of a PATCH that change what it does. */
export const writeHeadersSchema = z.object({
  prefer: z.pipe(z.optional(z.string()), z.transform(readPreferences)),
  'if-match': z.optional(z.string().check(z.maxLength(HEADER_CHARACTERS_MAX))),
});

/** The headers of a GET that change what it answers. */
export const readHeadersSchema = z.object({
  'if-none-match': z.optional(z.string().check(z.maxLength(HEADER_CHARACTERS_MAX))),
});

/** Returns the caller's preferences, as far as the rule leaves the choice. */
export function preferencesAt({ strictHandling }: Resolved, preferences: Preferences): Preferences {
  if (!strictHandling || preferences.handling === 'strict') return preferences;
  const applied = preferences.applied.replace(/^handling=lenient(?:, )?/, '');
  return { ...preferences, handling: 'strict', applied };
}
