import { describe, expect, it } from 'vitest';
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
    // Many lead to each: no single id could stand for it.
    expect(idsAt(table, 'west', 'west-3').ids).toEqual([]);
  });

  it('take as long for many of one upstream id as for as many others', () => {
    const table = createLinkTable(NAMES);
    for (let i = 0; i < 100_000; i += 1) table.add(`id-${i}`, link('the same'));
    const startMs = performance.now();
    expect(idsAt(table, 'east', 'the same').ids).toEqual([]);
    expect(performance.now() - startMs).toBeLessThan(2_000);
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
