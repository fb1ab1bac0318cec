import { TrieRouter } from 'hono/router/trie-router';
import { describe, expect, test } from 'vitest';
import { PATHS, pathOf } from '../../../src/http/paths.ts';

const strict = new TrieRouter<string>();
for (const path of Object.keys(PATHS)) strict.add('GET', path, path);

const SEGMENTS = ['', 'profiles', 'explain', 'admin', 'targets', 'drain', 'healthz', 'x', '%41'];
const roots = SEGMENTS.map((segment) => `/${segment}`);
const below = (paths: string[]) => paths.flatMap((path) => roots.map((root) => path + root));
const two = below(roots);
const three = below(two);
const requested = [...roots, ...two, ...three, ...below(three)];

describe('pathOf', () => {
  test('finds the path that a strict router finds, none with a slash at its end', () => {
    for (const path of requested) {
      const [[found]] = strict.match('GET', path);
      expect([path, pathOf(path)]).toEqual([path, found?.[0]]);
    }
  });
});
