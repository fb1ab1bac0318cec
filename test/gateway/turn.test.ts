import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createTurn } from '../../src/gateway/turn-node.ts';

describe('the steps of one turn of the event loop', () => {
  test('run together in their order when it ends, and none before', async () => {
    const atTurnEnd = createTurn();
    const ran: string[] = [];
    atTurnEnd(() => ran.push('first'));
    await Promise.resolve();
    atTurnEnd(() => ran.push('second'));
    expect(ran).toEqual([]);
    await nextTurn();
    expect(ran).toEqual(['first', 'second']);
  });

  test('are each run once; what they bring on waits for the next turn', async () => {
    const atTurnEnd = createTurn();
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
});
