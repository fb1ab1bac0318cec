import { describe, expect, test, vi } from 'vitest';
import type { Channel } from '../../../../src/node/cluster/channel.ts';
import { createReloads } from '../../../../src/node/cluster/reload-of-all.ts';
import { answerReloads } from '../../../../src/node/cluster/worker-reloads.ts';
import type { Prepared } from '../../../../src/node/config/live-config.ts';
import { type Handler, pair, worker } from './channels.ts';

describe('a reload of all workers', () => {
  const BAD = { problems: [{ path: 'targets', message: 'is empty' }] };
  const fails = () => Promise.reject(new Error('no'));
  const good = (version: string) => worker({ prepare: () => ({ version, problems: [] }) });

  test('is taken where all can use the same version', async () => {
    const workers = [good('b'), good('b')];
    await createReloads(() => workers.map(({ channel }) => channel)).run();
    for (const { told } of workers) expect(told).toEqual([['settle', { reload: 1, problems: [] }]]);
  });

  test.each([
    ['cannot use it', worker({ prepare: () => BAD }), 1, BAD.problems[0]],
    ['has read another version', good('c'), 1, { path: '', message: 'changed while it was read' }],
    [
      'fails to answer twice',
      worker({ prepare: fails }),
      2,
      { path: '', message: 'a worker did not read it in time' },
    ],
  ])('is taken by none where one %s', async (_, other, reload, problem) => {
    const workers = [good('b'), other, good('b')];
    await createReloads(() => workers.map(({ channel }) => channel)).run();
    const settled = ['settle', { reload, problems: [problem] }];
    for (const { told } of workers) expect(told).toEqual([settled]);
  });

  test('is tried once more where one fails to answer, with those that serve then', async () => {
    const fine = { version: 'b', problems: [] };
    const answer = vi.fn<Handler>(() => fine).mockImplementationOnce(fails);
    const slow = worker({ prepare: answer });
    const hung = worker({ prepare: fails });
    const workers = [good('b'), slow, hung];
    const channels = () => workers.map(({ channel }) => channel);
    const run = createReloads(channels).run();
    workers.pop();
    await run;
    for (const { told } of workers) expect(told).toEqual([['settle', { reload: 2, problems: [] }]]);
    expect(hung.told).toEqual([]);
  });

  test('is asked for by a change once, and again where a new worker differs', async () => {
    const prepare = vi.fn(() => ({ version: 'b', problems: [] }));
    const one = worker({ prepare });
    const reloads = createReloads(() => [one.channel]);
    await Promise.all([reloads.onChange(), reloads.onChange()]);
    expect(prepare).toHaveBeenCalledTimes(1);
    reloads.compare('b');
    expect(prepare).toHaveBeenCalledTimes(1);
    reloads.compare('a');
    await expect.poll(() => prepare.mock.calls.length).toBe(2);
  });
});

describe('a reload in a worker', () => {
  const BAD = [{ path: '', message: 'is bad' }];

  /** A worker whose reads end when the test says so. */
  function reading() {
    const reads: PromiseWithResolvers<Prepared>[] = [];
    const settled: [string, unknown][] = [];
    const prepare = (): Promise<Prepared> => {
      const read = Promise.withResolvers<Prepared>();
      reads.push(read);
      return read.promise;
    };
    const { near } = pair(new Map(), answerReloads({ prepare }));
    const end = async (at: number, version: string): Promise<void> => {
      await expect.poll(() => reads.length).toBe(at + 1);
      const settle = (problems: unknown) => void settled.push([version, problems]);
      reads[at]?.resolve({ version, problems: [], settle });
    };
    return { channel: near as Channel, end, reads, settled };
  }

  test('is settled once, by its number', async () => {
    const { channel, end, settled } = reading();
    const asked = channel.ask('prepare', { reload: 1 });
    await end(0, 'a');
    expect(await asked).toEqual({ version: 'a', problems: [] });
    channel.post('settle', { reload: 2, problems: BAD });
    channel.post('settle', { reload: 1, problems: [] });
    channel.post('settle', { reload: 1, problems: BAD });
    await expect.poll(() => settled).toEqual([['a', []]]);
  });

  test('that outlasts its time never stands in for a later one', async () => {
    const { channel, end, reads, settled } = reading();
    const first = channel.ask('prepare', { reload: 1 });
    channel.post('settle', { reload: 1, problems: BAD });
    await expect.poll(() => reads.length).toBe(1);
    const second = channel.ask('prepare', { reload: 2 });
    await end(0, 'old');
    expect(await first).toMatchObject({ version: 'old' });
    channel.post('settle', { reload: 2, problems: [] });
    await end(1, 'new');
    expect(await second).toMatchObject({ version: 'new' });
    await expect.poll(() => settled).toEqual([['new', []]]);
  });

  test('that is settled before its read ends is settled after it', async () => {
    const { channel, end, settled } = reading();
    const asked = channel.ask('prepare', { reload: 1 });
    channel.post('settle', { reload: 1, problems: BAD });
    await end(0, 'a');
    await asked;
    await expect.poll(() => settled).toEqual([['a', BAD]]);
  });
});
