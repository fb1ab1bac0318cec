import { expect, test } from 'vitest';
import { LinksUnavailable } from '../../../src/routing/links.ts';
import type { Environment } from '../../../src/workers/bindings.ts';
import { openLinksBinding } from '../../../src/workers/kv-links.ts';

/** The links of a namespace that answers so. */
function linksOf(get: () => Promise<string | null>) {
  const opened = openLinksBinding({ LINKS: { get } } as unknown as Environment, 'LINKS');
  if (!opened.ok) throw new Error(opened.problems.join());
  return opened.links;
}

test('a namespace that fails is told from a value that is no link', async () => {
  const failing = linksOf(() => Promise.reject(new Error('KV GET failed: 503')));
  await expect(failing.find('emp-17')).rejects.toBeInstanceOf(LinksUnavailable);
  const bad = linksOf(async () => '[]');
  await expect(bad.find('emp-17')).rejects.toMatchObject({ name: 'NoLink' });
  expect(await linksOf(async () => null).find('emp-17')).toBeUndefined();
});
