import { expect } from 'vitest';
import { StateUnavailable } from '../../../src/state/state-database.ts';
import { type Chapter, startReplica } from './store.ts';

/** What holds of a connection as a whole. */
export const CLOSING: Chapter = {
  'a connection': {
    'says how far a lease reaches, as every other does': async (db, other) => {
      expect(['machine', 'global']).toContain(db.lockScope);
      expect(other.lockScope).toBe(db.lockScope);
    },

    'does not answer once it is closed, and others go on': async (db, other) => {
      const replica = await startReplica(db);
      await db.close();
      await db.close();
      await expect(startReplica(db)).rejects.toThrow(StateUnavailable);
      await expect(db.inDoubtMs(['a'])).rejects.toThrow(StateUnavailable);
      expect(await other.beat(replica)).toHaveLength(1);
    },
  },
};
