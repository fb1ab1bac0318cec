import { expect, test } from 'vitest';
import { readCreateId } from '../../../src/http/routes/create/open-creates.ts';

test('an id of an open create is its target and its whole write id', () => {
  expect(readCreateId('acme::W')).toEqual({ target: 'acme', writeId: 'W' });
  expect(readCreateId('acme::W::x')).toEqual({ target: 'acme', writeId: 'W::x' });
});

test.each(['acme:W', 'W', 'acme:b::W'])('%s is no id of an open create', (id) => {
  expect(readCreateId(id)).toBeUndefined();
});
