import { EXAMPLE_TIME, EXAMPLE_UUID, EXAMPLE_VERSION, TARGET } from './values.ts';

const WRITE_ID = '0b7f3f9e-6d0c-4a59-9a3e-5f8f0f6c2d11';
const PROFILE = `${TARGET.target}:${EXAMPLE_UUID}`;
const EXAMPLE_LINK = { id: 'emp-17', targets: { [TARGET.target]: EXAMPLE_UUID } };
const IN_FORCE = { version: 7, inForceEverywhere: true };

const targetStatus = {
  ...TARGET,
  idNamespace: TARGET.target,
  mode: 'active',
  configuredMode: 'active',
  health: 'healthy',
  recent: { total: 42, failed: 0 },
  inFlight: { reads: 1, writes: 0 },
  outcomes: { read: 30, readFailed: 0, applied: 11, noop: 1, rejected: 0, partial: 0, unknown: 0 },
  queued: 0,
  circuitBreaker: 'closed',
  credentials: { coolingDown: false, retryAfterSeconds: 0 },
  retryBudget: { left: 10, max: 10 },
};

const exampleReceipt = {
  at: EXAMPLE_TIME,
  writeId: WRITE_ID,
  kind: 'write',
  outcome: 'applied',
  id: 'emp-17',
  profile: PROFILE,
  target: TARGET.target,
  caller: 'hr-portal',
  upstreamId: EXAMPLE_UUID,
  version: EXAMPLE_VERSION,
  fence: 3,
  evidence: 'response',
  changes: [{ pointer: '/name' }],
  applied: ['/name'],
  steps: [{ purpose: 'write', method: 'PATCH', status: 200, durationMs: 84 }],
};

const statsSums = {
  requests: 43,
  outcomes: { ...targetStatus.outcomes, explained: 1, refused: 0 },
  losses: 0,
  unconfirmed: 0,
  latencyMs: { p50: 64, p95: 130, p99: 180 },
};

/** Responses and bodies of the operations of operators. */
export const operatorExamples = {
  targets: { scope: 'process', targets: [targetStatus] },
  target: targetStatus,
  drained: {
    ...targetStatus,
    mode: 'drained',
    drained: { since: EXAMPLE_TIME, by: 'ops', reason: 'maintenance at the vendor' },
  },
  targetDetail: {
    ...targetStatus,
    failures: [
      {
        at: EXAMPLE_TIME,
        purpose: 'write',
        outcome: 'rejected',
        code: 'rejected_by_target',
        upstream: { status: 422, message: 'name is too long' },
      },
    ],
    capabilities: {
      atomic: true,
      fields: [
        {
          pointer: '/name',
          access: 'read_write',
          type: 'string',
          onNull: 'reject',
          confirmation: 'exact',
          step: 'profile',
          sensitive: false,
        },
      ],
      operations: { delete: { absence: 'deleted' } },
    },
  },
  rules: {
    rules: [{ rule: 'routes.0', settings: { match: { id: 'emp-*' }, to: TARGET.target } }],
    resolved: [
      { id: 'emp-17', target: TARGET.target, upstreamId: EXAMPLE_UUID, rule: 'routes.0' },
      { id: 'x', code: 'route_not_found', detail: 'No route matches the id.' },
    ],
  },
  stats: {
    processes: ['gateway-1/17'],
    since: EXAMPLE_TIME,
    until: EXAMPLE_TIME,
    slotSeconds: 30,
    total: statsSums,
    slots: [{ at: EXAMPLE_TIME, ...statsSums }],
  },
  caller: { caller: 'ops', scopes: ['admin:read', 'admin'] },
  configuration: {
    version: EXAMPLE_VERSION,
    loadedAt: EXAMPLE_TIME,
    configuration: {
      version: 1,
      targets: { [TARGET.target]: { vendor: TARGET.vendor, mode: 'active' } },
    },
  },
  replicas: {
    reachable: true,
    replicas: [
      {
        name: 'gateway-1',
        version: EXAMPLE_VERSION,
        startedAt: EXAMPLE_TIME,
        self: true,
        linksVersion: IN_FORCE.version,
      },
    ],
  },
  receipt: exampleReceipt,
  receipts: { receipts: [exampleReceipt] },
  receiptLines: `${JSON.stringify(exampleReceipt)}\n{"next":null}\n`,
  inDoubt: {
    inDoubt: [
      {
        profile: PROFILE,
        id: 'emp-17',
        since: EXAMPLE_TIME,
        until: EXAMPLE_TIME,
        writeId: WRITE_ID,
      },
    ],
  },
  lifted: { profile: PROFILE, writeId: WRITE_ID },
  link: { ...EXAMPLE_LINK, source: 'api', ...IN_FORCE },
  links: { links: [{ ...EXAMPLE_LINK, source: 'file' }], ...IN_FORCE },
  imported: { dryRun: false, links: 1, added: 1, replaced: 0, unchanged: 0, ...IN_FORCE },
  linkRemoved: { id: EXAMPLE_LINK.id, ...IN_FORCE },
  linkLines: `${JSON.stringify(EXAMPLE_LINK)}\n`,
  linkBody: { targets: EXAMPLE_LINK.targets, reason: 'moved' },
  reason: { reason: 'maintenance at the vendor' },
} as const;
