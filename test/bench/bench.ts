import { parseArgs } from 'node:util';
import { createProgressLine } from '../../src/node/cli/links/progress-line.ts';
import { obstacles } from './cores.ts';
import { type Bound, boundLine, holds } from './figures.ts';
import { measureGrowth, measureIdle } from './memory.ts';
import { growthBound, idleBound, speedBounds, startBound, table } from './report.ts';
import { measureSpeed } from './speed.ts';
import { setStage } from './stage.ts';
import { measureWorkerStart } from './worker-start.ts';

/** `npm run bench`: measures side by side, prints a table, exits with 1 where a bound is broken. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'speed,growth,idle,start' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
if (!(rounds > 0 && seconds > 0)) throw new Error('--rounds and --seconds are numbers above 0');
const found = obstacles();
if (found.length > 0) {
  process.stderr.write(`${found.join('\n')}\n`);
  process.exit(1);
}
const parts = values.only.split(',');
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const progress = createProgressLine(true);
const stage = await setStage();
const bounds: Bound[] = [];
try {
  if (parts.includes('speed')) {
    const measured = await measureSpeed(stage, { rounds, seconds, say: progress.show });
    progress.end();
    say(`\n${table(measured)}\n`);
    bounds.push(...speedBounds(measured));
  }
  if (parts.includes('growth')) bounds.push(growthBound(await measureGrowth(stage, say)));
  if (parts.includes('idle')) bounds.push(idleBound(await measureIdle(stage)));
  if (parts.includes('start')) bounds.push(startBound(measureWorkerStart(stage.folder, rounds)));
} finally {
  await stage.stop();
}
for (const bound of bounds) say(boundLine(bound));
process.exit(bounds.every(holds) ? 0 : 1);
