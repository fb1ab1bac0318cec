import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from './stores.ts';
import { chaosSuite } from './suite.ts';

chaosSuite({
  open: async () => sqliteStore(join(await mkdtemp(join(tmpdir(), 'chaos-')), 'state.db')),
  troubles: ['kill', 'stop', 'freeze', 'stall'],
});
