import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';

/** Opens a file as somebody without rights, and says what came of it. */
const [path = ''] = process.argv.slice(2);
const NOBODY = 65_534;
if (process.getuid?.() === 0) process.seteuid?.(NOBODY);
try {
  await openSqliteDatabase({ path, durability: 'process', timeoutMs: 100 });
  process.stdout.write('opened\n');
} catch (error) {
  process.stdout.write(`${error}\n`);
}
