/**
 * Setting keys of blocks that hold statements too. They tell `timeout = 5m`, a setting written with the wrong sign,
 * from `reply = ask(…)`, a step without its keyword.
 */
export const flowSettings: ReadonlySet<string> = new Set(
  (
    "after backoff attempts budget cache cancelOn concurrency config deadLetter exhausted fallback key maxItems " +
    "maxRounds memory needs output pause priority rate replay retryOn stub timeout tolerate undo until was"
  ).split(" "),
);
