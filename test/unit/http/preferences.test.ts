import { expect, test } from 'vitest';
import { readPreferences } from '../../../src/http/middleware/profile-request.ts';

const NONE = { handling: 'strict', atomic: false, minimal: false, applied: '' };

test.each([
  [undefined, {}],
  ['', {}],
  ['handling=strict', { applied: 'handling=strict' }],
  ['handling=lenient', { handling: 'lenient', applied: 'handling=lenient' }],
  ['Handling = "Lenient"', { handling: 'lenient', applied: 'handling=lenient' }],
  ['handling=lenient; because=yes', { handling: 'lenient', applied: 'handling=lenient' }],
  ['handling=loose', {}],
  ['handling=strict, handling=lenient', { applied: 'handling=strict' }],
  ['atomic', { atomic: true, applied: 'atomic' }],
  ['return=minimal', { minimal: true, applied: 'return=minimal' }],
  ['return=representation', { applied: 'return=representation' }],
  ['respond-async, wait=10, foo', {}],
  [
    'return=minimal,atomic , handling=lenient',
    {
      handling: 'lenient',
      atomic: true,
      minimal: true,
      applied: 'handling=lenient, atomic, return=minimal',
    },
  ],
  [`${'x, '.repeat(5000)}handling=lenient`, {}],
  ['note="a,handling=lenient,b"', {}],
  ['note="x, return=minimal, y", atomic', { atomic: true, applied: 'atomic' }],
  ['note="a\\", handling=lenient, "', {}],
  ['foo; handling=lenient', {}],
  ['foo="never ended, handling=lenient', {}],
  ['handling="len\\ient"', { handling: 'lenient', applied: 'handling=lenient' }],
])('Prefer: %.60s', (header, expected) => {
  expect(readPreferences(header)).toEqual({ ...NONE, ...expected });
});
