import { describe, expect, test } from 'vitest';
import { meets, namesTag, parseEntityTags } from '../../../src/profiles/conditions.ts';

describe('the tags of a condition', () => {
  test.each<[string, readonly string[] | '*' | undefined]>([
    ['"a"', ['"a"']],
    ['W/"a"', ['W/"a"']],
    [' "b" ,, "a",', ['"b"', '"a"']],
    ['"v1,*,v2"', ['"v1,*,v2"']],
    ['*', '*'],
    [' * ', '*'],
    ['"nope", *', undefined],
    ['a', undefined],
    ['"a" "b"', undefined],
    ['"a', undefined],
    ['w/"a"', undefined],
    ['"a b"', undefined],
    ['', undefined],
    [',', undefined],
  ])('%s', (header, tags) => {
    expect(parseEntityTags(header)).toEqual(tags);
  });

  test('are compared strongly or weakly', () => {
    expect(namesTag(['"b"', '"a"'], '"a"', false)).toBe(true);
    expect(namesTag(['W/"a"'], '"a"', false)).toBe(false);
    expect(namesTag(['W/"a"'], '"a"', true)).toBe(true);
    expect(namesTag('*', '"a"', false)).toBe(true);
    expect(namesTag(['"b"'], '"a"', true)).toBe(false);
  });

  test.each([
    [{}, true],
    [{ ifMatch: ['"a"'] }, true],
    [{ ifMatch: ['"b"'] }, false],
    [{ ifMatch: ['W/"a"'] }, false],
    [{ ifNoneMatch: '*' }, false],
    [{ ifNoneMatch: ['W/"a"'] }, false],
    [{ ifNoneMatch: ['"b"'] }, true],
    [{ ifMatch: '*', ifNoneMatch: ['"b"'] }, true],
    [{ ifMatch: '*', ifNoneMatch: ['"a"'] }, false],
  ] as const)('%j', (conditions, isMet) => {
    expect(meets(conditions, '"a"')).toBe(isMet);
  });
});
