import { describe, expect, it } from 'vitest';
import { LINKS_OF_PROFILE_MAX } from '../../../src/limits.ts';
import { createLinkOverlay } from '../../../src/routing/link-overlay.ts';
import { createLinkTable } from '../../../src/routing/link-table.ts';
import type { Links } from '../../../src/routing/links.ts';

const NAMES = ['east', 'west'];

/** The ids of the links that lead to an upstream id, however many calls that takes. */
function idsAt(links: Pick<Links, 'idsAt'>, target: string, upstreamId: string) {
  for (let calls = 1; calls < 1000; calls += 1) {
    const ids = links.idsAt?.(target, upstreamId);
    if (ids !== 'indexing') return { ids, calls };
  }
  throw new Error('the index has no end');
}

const link = (east: string, west?: string) => [
  { position: 0, upstreamId: east },
  ...(west === undefined ? [] : [{ position: 1, upstreamId: west }]),
];

describe('links by their upstream ids', () => {
  it('are found at each target, also those added later', () => {
    const table = createLinkTable(NAMES);
    table.add('a', link('1', 'w-1'));
    table.add('ä', link('2'));
    expect(idsAt(table, 'east', '1').ids).toEqual(['a']);
    expect(idsAt(table, 'west', 'w-1').ids).toEqual(['a']);
    expect(idsAt(table, 'west', '1').ids).toEqual([]);
    expect(idsAt(table, 'east', '2').ids).toEqual(['ä']);
    table.add('\uFEFFc', link('\uFEFF1'));
    expect(idsAt(table, 'east', '\uFEFF1').ids).toEqual(['\uFEFFc']);
    expect(table.find('\uFEFFc')?.get('east')).toBe('\uFEFF1');
    expect(idsAt(table, 'nowhere', '1').ids).toEqual([]);
    table.add('b', link('1'));
    expect(new Set(idsAt(table, 'east', '1').ids)).toEqual(new Set(['a', 'b']));
  });

  it('are found among many, read a part with each call', () => {
    const table = createLinkTable(NAMES);
    const count = 30_000;
    for (let i = 0; i < count; i += 1) table.add(`id-${i}`, link(`east-${i}`, `west-${i % 7}`));
    const first = idsAt(table, 'east', 'east-29999');
    expect(first.ids).toEqual(['id-29999']);
    expect(first.calls).toBeGreaterThan(5);
    for (let i = 0; i < count; i += 1) {
      expect(table.idsAt('east', `east-${i}`)).toEqual([`id-${i}`]);
    }
    expect(table.idsAt('east', 'east-30000')).toEqual([]);
    // Many lead to each: some are found, one more than are told apart.
    expect(idsAt(table, 'west', 'west-3').ids).toHaveLength(LINKS_OF_PROFILE_MAX + 1);
  });

  it('take as long for many of one upstream id as for as many others', () => {
    const table = createLinkTable(NAMES);
    for (let i = 0; i < 100_000; i += 1) table.add(`id-${i}`, link('the same'));
    const startMs = performance.now();
    expect(idsAt(table, 'east', 'the same').ids).toHaveLength(LINKS_OF_PROFILE_MAX + 1);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it('are all found, as far as one profile may have links', () => {
    const table = createLinkTable(NAMES);
    const ids = Array.from({ length: LINKS_OF_PROFILE_MAX }, (_, i) => `id-${i}`);
    for (const id of ids) table.add(id, link('1'));
    expect(idsAt(table, 'east', '1').ids?.toSorted()).toEqual(ids.toSorted());
  });

  it('are found however often they are set, there or elsewhere', () => {
    const table = createLinkTable(NAMES);
    for (let n = 1; n <= 5_000; n += 1) {
      table.put('often', link('1'));
      table.put('wandering', link(n % 2 === 0 ? '1' : '2'));
      table.put('once elsewhere', link(n < 4_000 ? '1' : '3'));
      if (n === 2) expect(new Set(idsAt(table, 'east', '1').ids)).toHaveLength(3);
    }
    for (let calls = 0; calls < 2; calls += 1) {
      expect(new Set(idsAt(table, 'east', '1').ids)).toEqual(new Set(['often', 'wandering']));
      expect(idsAt(table, 'east', '2').ids).toEqual([]);
      expect(idsAt(table, 'east', '3').ids).toEqual(['once elsewhere']);
    }
  });

  it('of the file are found below many that the API has changed', () => {
    const file = createLinkTable(NAMES);
    const overlay = createLinkOverlay();
    const links = overlay.over(file);
    file.add('kept', link('1'));
    for (let i = 0; i <= LINKS_OF_PROFILE_MAX; i += 1) {
      file.add(`id-${i}`, link('1'));
      overlay.put([{ id: `id-${i}` }]);
    }
    expect(idsAt(links, 'east', '1').ids).toEqual(['kept']);
  });

  it('are those of the API above those of the file', () => {
    const file = createLinkTable(NAMES);
    file.add('moved', link('1'));
    file.add('removed', link('2'));
    file.add('kept', link('3'));
    const overlay = createLinkOverlay();
    const links = overlay.over(file);
    overlay.put([
      { id: 'moved', targets: { east: '9' } },
      { id: 'removed' },
      { id: 'new', targets: { south: '3', east: '4' } },
    ]);
    expect(idsAt(links, 'east', '1').ids).toEqual([]);
    expect(idsAt(links, 'east', '2').ids).toEqual([]);
    expect(idsAt(links, 'east', '3').ids).toEqual(['kept']);
    expect(idsAt(links, 'east', '4').ids).toEqual(['new']);
    expect(idsAt(links, 'south', '3').ids).toEqual(['new']);
    expect(idsAt(links, 'east', '9').ids).toEqual(['moved']);
    overlay.put([{ id: 'moved', targets: { east: '10' } }]);
    expect(idsAt(links, 'east', '9').ids).toEqual([]);
    expect(idsAt(links, 'east', '10').ids).toEqual(['moved']);
  });
});
