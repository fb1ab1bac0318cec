import { describe, expect, test } from 'vitest';
import { TOKENS_REMEMBERED_MAX, UPSTREAM_MESSAGE_CHARACTERS_MAX } from '../../../src/limits.ts';
import { cleanUpstream, createRedactor } from '../../../src/telemetry/redactor.ts';

const SECRET = 'pa"ss wörd/+&';

describe('a redactor', () => {
  test.each([
    ['plain', SECRET],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a form', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['in a URL with small digits', 'pa%22ss%20w%c3%b6rd%2f%2b%26'],
    ['in a URL twice', encodeURIComponent(encodeURIComponent(SECRET))],
    ['in JSON without other letters', 'pa\\"ss w\\u00f6rd\\/+\\u0026'],
    ['in JSON inside JSON', 'pa\\\\\\"ss w\\\\u00F6rd\\\\/+&'],
    ['in HTML', 'pa&quot;ss w&#246;rd&#x2F;+&amp;'],
    ['in JSON inside a URL', 'pa%5C%22ss%20w%5Cu00f6rd%2F%2B%26'],
    ['in base64', Buffer.from(SECRET).toString('base64').slice(0, -2)],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
  ])('hides a secret written %s', (_, written) => {
    const { text } = createRedactor([{ name: 'auth.password', value: SECRET }]);
    expect(text(`<${written}|${written}>`)).toBe('<«secret:auth.password»|«secret:auth.password»>');
  });

  test.each(['u:', 'us:', 'use:'])('hides a secret behind %s in base64', (user) => {
    const { text } = createRedactor([{ name: 'auth.password', value: SECRET }]);
    const told = text(Buffer.from(`${user}${SECRET}:more`).toString('base64url'));
    expect(told).toContain('«secret:auth.password»');
    expect(Buffer.from(told.split('«')[0] ?? '', 'base64url').toString()).toBe(user);
  });

  test('leaves what is escaped and no secret as it stands', () => {
    const { text } = createRedactor([{ name: 'auth.password', value: SECRET }]);
    const told = 'a%20b &amp; \\u00e4 \\"quoted\\" pa%22ss and w%C3%B6rd';
    expect(text(told)).toBe(told);
    expect(text(`${told} ${encodeURIComponent(SECRET)} ${told}`)).toBe(
      `${told} «secret:auth.password» ${told}`,
    );
  });

  test.each(['.*+?^$[{}]()|\\/-#&', 'a\nb\tc \u00e9\u{1f600}', '\ud800 half', 'plain-word'])(
    'hides %j wherever it stands, and nothing that is like it',
    (value) => {
      const { text } = createRedactor([{ name: 'auth.token', value }]);
      for (const [before, after] of [
        ['', ''],
        ['x', 'y'],
        [value.slice(0, 3), value.slice(-3)],
      ]) {
        expect(text(before + value + after)).toContain('«secret:auth.token»');
      }
      for (const like of [
        value.slice(1),
        value.slice(0, -1),
        value.toUpperCase(),
        'x'.repeat(20),
      ]) {
        expect(text(like)).toBe(like === value ? '«secret:auth.token»' : like);
      }
    },
  );

  test('hides many long tokens that begin alike', () => {
    const { addToken, text } = createRedactor([{ name: 'auth.password', value: SECRET }]);
    const token = (i: number): string => `${'eyJhbGciOiJSUzI1NiJ9.'.repeat(500)}${i}`;
    for (let i = 0; i < TOKENS_REMEMBERED_MAX; i += 1) addToken(token(i));
    expect(text(`a ${token(TOKENS_REMEMBERED_MAX - 1)} b`)).toBe('a «secret:token» b');
    expect(text('eyJhbGciOiJSUzI1NiJ9.')).toBe('eyJhbGciOiJSUzI1NiJ9.');
  });

  test('keeps a token that is sent again among the last ones', () => {
    const { addToken, text } = createRedactor([]);
    const token = (i: number): string => `token-number-${i}-of-many`;
    for (let i = 0; i < TOKENS_REMEMBERED_MAX; i += 1) addToken(token(i));
    addToken(token(0));
    addToken('another token');
    expect(text(`${token(0)} ${token(1)}`)).toBe(`«secret:token» ${token(1)}`);
  });

  test('hides the tokens of an exchange with all others, as if they were known', () => {
    const { addToken, text } = createRedactor([{ name: 'short', value: 'abcdefgh' }]);
    addToken('another token');
    const sent = new Set(['xx-abcdefgh-xx', 'another token']);
    const told = 'xx-abcdefgh-xx xx%2Dabcd%65fgh%2Dxx abcdefgh another token';
    const hidden = '«secret:token» «secret:token» «secret:short» «secret:token»';
    expect(text(told, sent)).toBe(hidden);
    expect(text('xx-abcdefgh-xx')).toBe('xx-«secret:short»-xx');
  });

  test('hides a secret whole that holds another one', () => {
    const { text } = createRedactor([
      { name: 'short', value: 'abcdefgh' },
      { name: 'long', value: 'xx-abcdefgh-xx' },
    ]);
    expect(text('xx-abcdefgh-xx abcdefgh')).toBe('«secret:long» «secret:short»');
  });

  test('hides tokens from when they are issued, the last ones of them', () => {
    const { addToken, text } = createRedactor([]);
    const token = (i: number): string => `token-number-${i}-of-many`;
    expect(text(token(0))).toBe(token(0));
    for (let i = 0; i <= TOKENS_REMEMBERED_MAX; i += 1) addToken(token(i));
    expect(text(token(0))).toBe(token(0));
    expect(text(token(1))).toBe('«secret:token»');
    expect(text(`a ${token(TOKENS_REMEMBERED_MAX)} b`)).toBe('a «secret:token» b');
  });
});

describe('what a vendor says', () => {
  const redactor = createRedactor([{ name: 'auth.token', value: 'secret-value' }]);

  test.each([
    ['a secret', 'no secret-value here', 'no «secret:auth.token» here'],
    ['control characters', 'a\r\nb\u0000c\u001b[31md', 'a  b c [31md'],
    ['characters that turn text around', 'a\u202eb\u2028c', 'a b c'],
    ['half a surrogate pair', 'a\ud800b', 'a b'],
    ['what is whole', 'größe 😀', 'größe 😀'],
  ])('is cleaned of %s', (_, message, shown) => {
    expect(cleanUpstream({ status: 400, message }, redactor).message).toBe(shown);
  });

  test('is bounded, and a secret is not cut in half by that', () => {
    const long = 'x'.repeat(UPSTREAM_MESSAGE_CHARACTERS_MAX - 3);
    const { message = '' } = cleanUpstream(
      { status: 400, message: `${long}secret-value${'y'.repeat(10_000)}` },
      redactor,
    );
    expect([...message].length).toBe(UPSTREAM_MESSAGE_CHARACTERS_MAX);
    expect(message).not.toContain('secret-value'.slice(0, 3));
  });

  test('is cleaned in every member, and has no member it had not', () => {
    expect(
      cleanUpstream({ status: 500, code: 'a\nb', requestId: 'secret-value' }, redactor),
    ).toEqual({ status: 500, code: 'a b', requestId: '«secret:auth.token»' });
  });
});
