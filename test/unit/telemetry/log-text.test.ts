import { expect, test } from 'vitest';
import { logText } from '../../../src/telemetry/log.ts';

test.each(['\u202e', '\u2028', '\u2029', '\u200f', '\ufeff', '\x85', '\u{e0001}'])(
  'a line shows %j as an escape, and holds it all the same',
  (character) => {
    const record = { id: `a${character}b`, pointers: [`/${character}`], message: 'ä 漢 😀' };
    const text = logText(record);
    expect(text).not.toContain(character);
    expect(text).toContain('ä 漢 😀');
    expect(JSON.parse(text)).toEqual(record);
  },
);
