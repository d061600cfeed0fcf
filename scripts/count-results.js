// Adds up jest's reports and further checks, and prints `N passed, N failed` as its only line.
// Usage: node scripts/count-results.js PASSED FAILED REPORT…   (checks that passed and failed, then jest's JSON files)
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

const [passedChecks, failedChecks, ...paths] = process.argv.slice(2);
let passed = Number(passedChecks);
let failed = Number(failedChecks);
let skipped = 0;
for (const path of paths) {
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  passed += report?.numPassedTests ?? 0;
  skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  // A suite that cannot be loaded has no tests to count.
  const counted = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  // Types that do not check, or a runner that ended early, fail a command without failing a test.
  failed += counted === 0 && report?.success !== true ? 1 : counted;
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
