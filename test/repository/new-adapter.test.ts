import { afterAll, expect, test } from 'vitest';
import { run } from '../support/child.ts';
import { copyRepository } from './repository-copy.ts';

const copy = copyRepository();
afterAll(copy.remove);

test.each([
  ['', 'usage: '],
  ['Acme', 'usage: '],
  ['4me', 'usage: '],
  ['../acme', 'usage: '],
  ['acme rows', 'usage: '],
  ['keystone', 'adapters/keystone exists'],
  ['field', '"field" is a word of src/'],
])('the name "%s" is rejected', async (name, problem) => {
  const { code, stderr } = await run(copy.run(`npm run -s new-adapter -- ${name}`));
  expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(problem) });
});
