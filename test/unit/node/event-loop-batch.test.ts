import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createTickBatcher, TICK_STEPS_MAX } from '../../../src/node/event-loop-batch.ts';

describe('the steps of one turn of the event loop', () => {
  test('run together in their order when it ends, and none before', async () => {
    const atTurnEnd = createTickBatcher();
    const ran: string[] = [];
    atTurnEnd(() => ran.push('first'));
    await Promise.resolve();
    atTurnEnd(() => ran.push('second'));
    expect(ran).toEqual([]);
    await nextTurn();
    expect(ran).toEqual(['first', 'second']);
  });

  test('are each run once; what they bring on waits for the next turn', async () => {
    const atTurnEnd = createTickBatcher();
    const ran: string[] = [];
    atTurnEnd(() => {
      ran.push('first');
      atTurnEnd(() => ran.push('later'));
    });
    atTurnEnd(() => ran.push('second'));
    await nextTurn();
    expect(ran).toEqual(['first', 'second']);
    await nextTurn();
    expect(ran).toEqual(['first', 'second', 'later']);
  });

  test('beyond a number wait for the turns after it, in their order', async () => {
    const atTurnEnd = createTickBatcher();
    const ran: number[] = [];
    const all = Array.from({ length: 2 * TICK_STEPS_MAX + 1 }, (_, i) => i);
    for (const i of all) atTurnEnd(() => ran.push(i));
    await nextTurn();
    expect(ran).toEqual(all.slice(0, TICK_STEPS_MAX));
    atTurnEnd(() => ran.push(all.length));
    await nextTurn();
    await nextTurn();
    expect(ran).toEqual([...all, all.length]);
  });
});
