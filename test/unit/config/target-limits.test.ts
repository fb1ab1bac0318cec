// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { type Configuration, readConfiguration } from '../../../src/config/read-config.ts';
import type { ConfigSnapshot } from '../../../src/config/snapshot.ts';
import { readCertificates } from '../../../src/node/config/ca-certificates.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { systemClock } from '../../../src/state/clock.ts';
import { TARGET_LIMITS } from '../../../src/upstream/target-limits.ts';
import { type Authority, createAuthority } from '../../integration/limits/authority.ts';
import { found } from '../../support/gateway.ts';
import { ENVIRONMENT, line, targetWith } from './read.ts';

let authority: Authority;
beforeAll(() => {
  authority = createAuthority(['vendor.test']);
});
afterAll(() => authority.remove());

/** Reads a target with `settings` as Node does, or where nothing reads certificates. */
function read(settings: object, previous?: ConfigSnapshot, onNode = true): Promise<Configuration> {
  return readConfiguration(targetWith(settings), {
    adapters,
    lookup: { environment: (name) => ENVIRONMENT[name] },
    clock: systemClock,
    digests: nodeDigests,
    previous,
    ...(onNode ? { readCertificates } : {}),
  });
}

async function targetOf(settings: object, previous?: ConfigSnapshot) {
  const configuration = await read(settings, previous);
  if (!configuration.ok) throw new Error(configuration.problems.map(line).join('\n'));
  const { gateway } = configuration;
  return { gateway, target: found(gateway.targets.get('acme')) };
}

async function problemsOf(settings: object, onNode = true): Promise<string[]> {
  const configuration = await read(settings, undefined, onNode);
  return configuration.ok ? [] : configuration.problems.map(line);
}

describe('settleMs', () => {
  it('is that of the vendor, or a longer one', async () => {
    expect((await targetOf({})).target.settleMs).toBe(90_000);
    expect((await targetOf({ settleMs: 120_000 })).target.settleMs).toBe(120_000);
    expect(await problemsOf({ settleMs: 89_999 })).toEqual([
      'targets.acme.settleMs: must be at least 90000: the vendor may need that long',
    ]);
    expect(await problemsOf({ settleMs: 600_001 })).toEqual([
      'targets.acme.settleMs: must be at most 600000',
    ]);
  });
});

describe('limits', () => {
  it('have defaults, each by itself', async () => {
    expect((await targetOf({})).target.limits).toEqual(TARGET_LIMITS);
    const { target } = await targetOf({
      limits: { maxQueuedRequests: 0, circuitBreaker: { openMs: 1_000 } },
    });
    const circuitBreaker = { ...TARGET_LIMITS.circuitBreaker, openMs: 1_000 };
    expect(target.limits).toEqual({ ...TARGET_LIMITS, maxQueuedRequests: 0, circuitBreaker });
  });

  it.each<[limits: unknown, problems: string[]]>([
    [null, ['limits: must be a map']],
    [{ concurency: 1 }, ['limits.concurency: is not a known key']],
    [{ connectTimeoutMs: 0 }, ['limits.connectTimeoutMs: must be at least 1']],
    [{ connectTimeoutMs: 30_001 }, ['limits.connectTimeoutMs: must be at most 30000']],
    [{ deadlineMs: 999 }, ['limits.deadlineMs: must be at least 1000']],
    [{ deadlineMs: 30_001 }, ['limits.deadlineMs: must be at most 30000']],
    [{ maxConcurrentRequests: 0 }, ['limits.maxConcurrentRequests: must be at least 1']],
    [{ maxConcurrentRequests: 1.5 }, ['limits.maxConcurrentRequests: must be a whole number']],
    [{ maxQueuedRequests: -1 }, ['limits.maxQueuedRequests: must be at least 0']],
    [{ maxQueuedRequests: '1' }, ['limits.maxQueuedRequests: must be a number']],
    [
      { circuitBreaker: { failureRatio: 0 } },
      ['limits.circuitBreaker.failureRatio: must be at least 0.01'],
    ],
    [
      { circuitBreaker: { failureRatio: 1.1 } },
      ['limits.circuitBreaker.failureRatio: must be at most 1'],
    ],
    [
      { circuitBreaker: { windowMs: 10 } },
      ['limits.circuitBreaker.windowMs: must be at least 1000'],
    ],
    [
      { circuitBreaker: { minimumRequests: 0 } },
      ['limits.circuitBreaker.minimumRequests: must be at least 1'],
    ],
    [{ circuitBreaker: { openMs: 99 } }, ['limits.circuitBreaker.openMs: must be at least 100']],
    [{ circuitBreaker: { open: 1 } }, ['limits.circuitBreaker.open: is not a known key']],
    [{ circuitBreaker: false }, ['limits.circuitBreaker: must be a map']],
  ])('%j has the problems %j', async (limits, problems) => {
    expect(await problemsOf({ limits })).toEqual(problems.map((p) => `targets.acme.${p}`));
  });
});

describe('tls.caFile', () => {
  const AT = 'targets.acme.tls.caFile';
  it('is read with the configuration', async () => {
    const { target } = await targetOf({ tls: { caFile: authority.caFile } });
    expect(target.transport.ca).toBe(authority.ca.trim());
  });

  it.each<[title: string, caFile: () => string, problem: string]>([
    ['that is not there', () => '/no/such/file.pem', 'cannot be read (ENOENT)'],
    ['that is a folder', () => '/', 'cannot be read (EISDIR)'],
    ['without certificates', () => authority.file('none.pem', 'none'), 'holds no PEM certificate'],
    [
      'with a key in its place',
      () => authority.file('key.pem', authority.server.key),
      'holds no PEM certificate',
    ],
    [
      'with half a certificate',
      () => authority.file('half.pem', authority.ca.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n')),
      'holds a certificate that is malformed',
    ],
  ])('%s is a problem', async (_, caFile, problem) => {
    expect(await problemsOf({ tls: { caFile: caFile() } })).toEqual([`${AT}: ${problem}`]);
  });

  it('cannot be used where the runtime decides whom it trusts', async () => {
    expect(await problemsOf({ tls: { caFile: authority.caFile } }, false)).toEqual([
      `${AT}: cannot be used here: this runtime itself decides whom it trusts`,
    ]);
  });

  it('takes effect with the next version when the file has changed', async () => {
    const caFile = authority.file('next.pem', authority.ca);
    const first = await targetOf({ tls: { caFile } });
    const next = createAuthority(['vendor.test']);
    authority.file('next.pem', next.ca);
    next.remove();
    const { target } = await targetOf({ tls: { caFile } }, first.gateway);
    expect(target.transport.ca).toBe(next.ca.trim());
    expect(target.transport.id).not.toBe(first.target.transport.id);
  });
});

describe('a new version', () => {
  it('keeps breaker and turns of a target that stays the same, and its connections', async () => {
    const first = await targetOf({ limits: { circuitBreaker: { minimumRequests: 1 } } });
    first.target.circuitBreaker.acquire()?.('failed');
    expect(first.target.circuitBreaker.state()).toBe('open');
    const { target } = await targetOf(
      { limits: { circuitBreaker: { minimumRequests: 1 } } },
      first.gateway,
    );
    expect(target.circuitBreaker.state()).toBe('open');
    expect(target.limiter).toBe(first.target.limiter);
    expect(target.transport.id).toBe(first.target.transport.id);
  });

  it('begins anew with other limits', async () => {
    const first = await targetOf({ limits: { circuitBreaker: { minimumRequests: 1 } } });
    first.target.circuitBreaker.acquire()?.('failed');
    const { target } = await targetOf({ limits: { maxConcurrentRequests: 3 } }, first.gateway);
    expect(target.circuitBreaker.state()).toBe('closed');
    expect(target.limits.maxConcurrentRequests).toBe(3);
    expect(target.transport.connectionsMax).toBe(3);
  });
});
