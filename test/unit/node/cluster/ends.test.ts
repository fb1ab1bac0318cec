import { describe, expect, test, vi } from 'vitest';
import { WORKER_STOP_MS_MAX } from '../../../../src/limits.ts';
import { openChannel } from '../../../../src/node/cluster/channel.ts';
import { createPlaces } from '../../../../src/node/cluster/places.ts';
import { killWhenSilent } from '../../../../src/node/cluster/silent-worker.ts';
import { createStop, exitCodeOf } from '../../../../src/node/cluster/stop-of-all.ts';

/** A channel that keeps what is posted. */
function posted() {
  const sent: unknown[] = [];
  const channel = openChannel(({ body, kind }) => sent.push([kind, body]), new Map());
  return { channel, sent };
}

describe('the wish to stop', () => {
  const SOON = ['stop', { isAtOnce: false }];
  const AT_ONCE = ['stop', { isAtOnce: true }];

  test('comes once to each worker that listens, also to one that listens later', async () => {
    const stop = createStop(new Set(), () => {});
    const [before, after, gone] = [posted(), posted(), posted()];
    stop.include(before.channel);
    stop.include(gone.channel);
    stop.forget(gone.channel);
    expect(stop.isAsked()).toBe(false);
    stop.ask(false);
    await stop.asked;
    expect(stop.isAsked()).toBe(true);
    stop.include(after.channel);
    expect([before.sent, after.sent, gone.sent]).toEqual([[SOON], [SOON], []]);
    stop.ask(false);
    expect([before.sent, after.sent]).toEqual([
      [SOON, AT_ONCE],
      [SOON, AT_ONCE],
    ]);
  });

  test('leaves out the delay where a terminal has sent it', () => {
    const stop = createStop(new Set(), () => {});
    const { channel, sent } = posted();
    stop.ask(true);
    stop.include(channel);
    expect(sent).toEqual([AT_ONCE]);
  });

  test('ends in time those that do not stop', () => {
    vi.useFakeTimers();
    const kill = vi.fn();
    const log = vi.fn();
    const stop = createStop(new Set([{ kill }]), log);
    stop.ask(false);
    vi.advanceTimersByTime(WORKER_STOP_MS_MAX - 1);
    expect(kill).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    expect(kill).toHaveBeenCalledTimes(1);
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ event: 'shutdown_forced' }));
  });

  test.each([
    [0, 0],
    [78, 78],
    ['SIGTERM', 0],
    ['SIGINT', 0],
    ['SIGKILL', 70],
  ])('a worker that has ended by %s stands for %d', (end, code) => {
    expect(exitCodeOf(end)).toBe(code);
  });
});

describe('a worker that is asked whether it answers', () => {
  const PING_MS = 20;

  /** A worker that answers those questions, counted from 1, for which `answers` is true. */
  function asked(answers: (question: number) => boolean) {
    const ended = Promise.withResolvers<number>();
    let questions = 0;
    const channel = openChannel(({ asks, kind }) => {
      questions += 1;
      if (answers(questions)) channel.take({ kind, answers: asks, body: true });
    }, new Map());
    const kill = vi.fn();
    const onSilent = vi.fn();
    const done = killWhenSilent({ channel, ended: ended.promise, kill }, onSilent, PING_MS);
    return { done, end: () => ended.resolve(0), kill, onSilent, questions: () => questions };
  }

  test('is killed after three questions in a row without an answer', async () => {
    const { done, kill, onSilent, questions } = asked((question) => question <= 2);
    await done;
    expect(questions()).toBe(5);
    expect([onSilent, kill].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  test('is left alone where it answers now and then, and once it has ended', async () => {
    const { done, end, kill, questions } = asked((question) => question % 3 === 0);
    await expect.poll(questions).toBeGreaterThan(7);
    end();
    await done;
    expect(kill).not.toHaveBeenCalled();
  });
});

test('workers serve where the others do, and anywhere once all have ended', () => {
  const places = createPlaces();
  const [one, two, three] = [posted().channel, posted().channel, posted().channel];
  expect(places.accept('a', one)).toBe(true);
  expect(places.accept('a', two)).toBe(true);
  places.forget(one);
  expect(places.accept('b', three)).toBe(false);
  places.forget(two);
  expect(places.accept('b', three)).toBe(true);
  expect(places.accept('a', one)).toBe(false);
});
