export { runTest } from "./run-test.ts";
export type { TestOptions } from "./run-test.ts";
export type { TestFailure, TestResult, TestRun } from "./test-result.ts";
export type { TestPlan } from "../plan/test-plan.ts";
