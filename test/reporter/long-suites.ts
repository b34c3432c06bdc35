/** Test files that take long because they harm processes and wait for them to recover; the longest first. `npm run verify` leaves them to `npm test`. */
export const longSuites: readonly string[] = [
  "test/chaos/chaos.test.ts",
  "runner/distributed.test.ts",
  "tools/backup/rehearsal.test.ts",
  "test/chaos/two-versions.test.ts",
];
