import { didYouMean } from "../../base/did-you-mean.ts";
import type { Block } from "../syntax/tree.ts";
import { isSettingKey } from "./settings-table.ts";

/** What settings are called elsewhere, and here. The first that the owner has is meant. */
const synonyms: Readonly<Record<string, readonly string[] | undefined>> = {
  provider: ["use"],
  engine: ["use"],
  name: ["use"],
  url: ["http", "baseUrl"],
  endpoint: ["http", "baseUrl"],
  request: ["http"],
  function: ["module"],
  script: ["module"],
  maxTokens: ["maxOutput"],
  instructions: ["system"],
  systemPrompt: ["system"],
  template: ["prompt"],
  task: ["prompt"],
  user: ["prompt"],
  validate: ["check"],
  guardrails: ["check"],
  fewShot: ["examples"],
  functions: ["tools"],
  history: ["memory"],
  retry: ["attempts"],
  retries: ["attempts"],
  maxRetries: ["attempts"],
  maxAttempts: ["attempts"],
  delay: ["backoff", "pause"],
  wait: ["pause", "timeout"],
  deadline: ["timeout"],
  expires: ["timeout"],
  ttl: ["cache"],
  parallel: ["concurrency"],
  parallelism: ["concurrency"],
  maxConcurrency: ["concurrency"],
  rateLimit: ["rate"],
  throttle: ["rate"],
  dependsOn: ["after"],
  catch: ["fallback"],
  onError: ["fallback"],
  compensate: ["undo"],
  rollback: ["undo"],
  when: ["where"],
  ignoreErrors: ["tolerate"],
  continueOnError: ["tolerate"],
  condition: ["where", "until"],
  filter: ["where"],
  while: ["until"],
  times: ["maxRounds"],
  limit: ["maxRounds", "maxItems"],
  return: ["output"],
  result: ["output"],
  value: ["output"],
  timezone: ["zone"],
  tz: ["zone"],
  mock: ["stub"],
  mocks: ["stub"],
};

/** The setting of an owner with such keys that goes by another name elsewhere. */
export function settingMeantBy(
  key: string,
  known: ReadonlyMap<string, unknown>,
): string | undefined {
  // A key such as `constructor` is no entry of the table.
  const meant = Object.hasOwn(synonyms, key) ? synonyms[key] : undefined;
  return meant?.find((name) => known.has(name));
}

/** Whether a key of the block that exists nowhere, and is told, stands for this setting: what follows from its lack is not. */
export function isMisspelt(block: Block, setting: string): boolean {
  const known = new Map([[setting, true]]);
  return block.entries.some(
    (entry) =>
      entry.kind === "setting" &&
      entry.key.text !== "" &&
      !isSettingKey(entry.key.text) &&
      (settingMeantBy(entry.key.text, known) === setting ||
        didYouMean(entry.key.text, [setting]).length > 0),
  );
}
