import { readFileSync } from 'node:fs';

/** Prints the last line of a run from vitest's reports; a failed step counts as one failure. */
const [failedSteps = '1', ...reports] = process.argv.slice(2);
let [passed, failed, skipped] = [0, Number(failedSteps), 0];
for (const path of reports) {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
