import { describe, test } from 'vitest';
import { ANNOUNCED } from './suite/announced.ts';
import { CLOSING } from './suite/closing.ts';
import { CONTROL } from './suite/control.ts';
import { DOUBTS } from './suite/doubts.ts';
import { LEASES } from './suite/leases.ts';
import { LINKS } from './suite/links.ts';
import { MATCHES } from './suite/matches.ts';
import { PRUNING } from './suite/pruning.ts';
import { RACES } from './suite/races.ts';
import { ANSWERS, RECEIPTS } from './suite/receipts.ts';
import { RECOVERY } from './suite/recovery.ts';
import { RESTORED } from './suite/restored.ts';
import { SESSIONS } from './suite/sessions.ts';
import type { Case, OpenStore } from './suite/store.ts';

export type { OpenStore, Store } from './suite/store.ts';

const CHAPTERS = {
  ...SESSIONS,
  ...LEASES,
  ...ANNOUNCED,
  ...DOUBTS,
  ...RECOVERY,
  ...RECEIPTS,
  ...ANSWERS,
  ...PRUNING,
  ...RESTORED,
  ...RACES,
  ...LINKS,
  ...MATCHES,
  ...CONTROL,
  ...CLOSING,
};

/** Declares the tests of a `StateDatabase`. `open` returns one empty store for each of them. */
export function describeDatabase(name: string, open: OpenStore): void {
  describe(name, () => {
    for (const [subject, cases] of Object.entries(CHAPTERS)) {
      describe(subject, () => {
        for (const [title, run] of Object.entries(cases)) test(title, within(open, run));
      });
    }
  });
}

/** Runs a test with two connections to a store of its own. */
function within(open: OpenStore, run: Case): () => Promise<void> {
  return async () => {
    const store = await open();
    try {
      await run(await store.connect(), await store.connect());
    } finally {
      await store.dispose();
    }
  };
}
