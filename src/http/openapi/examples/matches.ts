import { EXAMPLE_TIME, EXAMPLE_UUID, TARGET } from './values.ts';

const RUN_ID = '4f0c2f6e-55a0-4d2b-8a43-0d0a6c1f9b77';
const CANDIDATE = '687a659d47e24d634a3a0e21f5eaad57';
const SECOND = 'people-us';
const targets = [TARGET.target, SECOND];

const matchRunExample = {
  id: RUN_ID,
  createdAt: EXAMPLE_TIME,
  by: 'ops',
  state: 'running',
  phase: 'list_second',
  targets,
  keys: [{ pointer: '/name', case: 'ignore', blanks: 'collapse' }],
  requestsPerSecond: 5,
  pages: 42,
  listed: { first: 1_500, second: 600 },
};

/** Bodies and responses of the operations about match runs. */
export const matchExamples = {
  run: matchRunExample,
  runs: { matches: [matchRunExample] },
  stopped: { ...matchRunExample, state: 'stopped' },
  start: { targets, keys: [{ pointer: '/name' }], reason: 'ticket 4711' },
  reason: { reason: 'maintenance at the vendor' },
  candidates: {
    ...matchRunExample,
    state: 'ready',
    phase: 'done',
    situations: {
      ...{ unique: 1, ambiguous: 0, duplicate_key: 0, missing: 0, extra: 0 },
      ...{ already_linked: 0, refused: 0 },
    },
    candidates: [
      {
        candidate: CANDIDATE,
        situation: 'unique',
        hasKey: true,
        profiles: [
          { target: TARGET.target, upstreamId: EXAMPLE_UUID, newLinkId: EXAMPLE_UUID },
          { target: SECOND, upstreamId: RUN_ID },
        ],
        hasMore: false,
      },
    ],
  },
  confirm: { all: 'unique' },
  confirmed: { confirmed: 1, skipped: [], version: 7, inForceEverywhere: true },
  refuse: {
    candidates: [{ candidate: CANDIDATE, upstreamIds: [EXAMPLE_UUID, RUN_ID] }],
    reason: 'namesakes',
  },
  refused: { refused: 1, skipped: [] },
} as const;
