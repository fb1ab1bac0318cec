import type { Random } from './fuzz-random.ts';

/** Ways in which a text quotes another one. */
const SPELLINGS: readonly [Spelling, ...Spelling[]] = [
  (text) => text,
  (text) => inner(JSON.stringify(text)),
  (text) => inner(JSON.stringify(inner(JSON.stringify(text)))),
  (text) => inner(JSON.stringify(text)).replaceAll('/', '\\/'),
  (text) => units(text, unicode),
  (text) => units(text, (code) => (/[\w-]/.test(String.fromCharCode(code)) ? '' : unicode(code))),
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(text).replace(/%../g, (byte) => byte.toLowerCase()),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => [...new TextEncoder().encode(text)].map((b) => `%${hex(b)}`).join(''),
  (text) => inner(new URLSearchParams({ '': text }).toString(), 1, 0),
  (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`),
  (text) => text.replace(/[&<>"']/g, (c) => `&#x${hex(c.charCodeAt(0))};`),
  (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(`user:${text}`).toString('base64'),
  (text) => Buffer.from(`gw:${text}:x`).toString('base64'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Buffer.from(text).toString('hex').toUpperCase(),
];

type Spelling = (text: string) => string;

export function spelledAnyhow(text: string, random: Random): string {
  return random.pick(SPELLINGS)(text);
}

/**
 * What must not be found: the canary in every spelling, and the begin of it plain, since a text
 * that was cut may hold a part.
 */
export function traces(canary: string): string[] {
  const begin = canary.slice(0, Math.ceil(canary.length * 0.75));
  const spelled = SPELLINGS.map((spell) => spell(canary));
  const base64 = ['', 'a', 'ab'].map((before) => {
    const whole = Buffer.from(before + canary).toString('base64');
    return whole.slice(4, Math.floor(whole.length / 4) * 4 - 4);
  });
  return [...new Set([begin, ...spelled, ...base64])];
}

function inner(text: string, start = 1, end = 1): string {
  return text.slice(start, text.length - end);
}

function hex(code: number): string {
  return code.toString(16).padStart(2, '0');
}

function unicode(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

function units(text: string, spell: (code: number) => string): string {
  return Array.from({ length: text.length }, (_, i) => {
    const code = text.charCodeAt(i);
    return spell(code) || text.charAt(i);
  }).join('');
}
