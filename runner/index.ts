export type * from "./api.ts";
export { openRunner } from "./open-runner.ts";
export type { MockModels, RunnerOptions } from "./runner-options.ts";
export type { Clock } from "./ports/clock.ts";
export type { People, Question } from "./ports/people.ts";
export type { Random } from "./ports/random.ts";
export { StoreError } from "./ports/store-error.ts";
export type { LogRecord, Telemetry } from "./ports/telemetry.ts";
