import {
  anyJson,
  bool,
  count,
  list,
  nullable,
  number,
  object,
  oneOfTexts,
  part,
  recordOf,
  tag,
  text,
  texts,
  union,
} from "./schema-parts.ts";
import type { SchemaParts } from "./schema-parts.ts";

const expression = part("Expression");
const block = part("Block");

/** Settings that `for`, `repeat` and `race` share. */
const blockSettings = { timeoutMs: expression, budget: part("Budget"), fallback: block };

const actions: SchemaParts = {
  Callee: union("kind", [
    object({ kind: oneOfTexts("agent", "tool", "flow"), name: text }),
    object({ kind: tag("role"), role: text, requires: texts }),
    object({ kind: tag("value"), role: text, value: expression }),
    object({ kind: oneOfTexts("fail", "sleep", "receive", "emit", "continue") }),
  ]),
  Action: union("kind", [
    part("Call"),
    object({ kind: tag("value"), value: expression }),
    object({ kind: tag("if"), test: expression, then: block, else: nullable(block) }),
    object({
      kind: tag("match"),
      subject: expression,
      arms: list(object({ values: list(anyJson), block })),
    }),
    object(
      {
        kind: tag("for"),
        variable: text,
        list: expression,
        body: block,
        maxItems: expression,
        concurrency: expression,
      },
      {
        ...blockSettings,
        tolerate: { anyOf: [object({ count: expression }), object({ fraction: number })] },
        key: expression,
        needs: expression,
        deadLetter: text,
        rate: part("Rate"),
      },
    ),
    object(
      {
        kind: tag("repeat"),
        body: block,
        until: expression,
        maxRounds: expression,
        exhausted: oneOfTexts("keep", "fail"),
      },
      { ...blockSettings, pauseMs: expression },
    ),
    object({ kind: tag("race"), body: block }, blockSettings),
  ]),
  Call: object(
    { kind: tag("call"), callee: part("Callee"), arguments: recordOf(expression) },
    {
      input: text,
      returns: text,
      retry: part("Retry"),
      timeoutMs: expression,
      cache: part("Cache"),
      budget: part("Budget"),
      model: text,
      idempotencyKey: expression,
      restart: bool,
      priority: expression,
      memory: text,
      handoffs: recordOf(texts),
      maxHandoffs: count,
      where: expression,
      pauseMs: expression,
      maxRuns: count,
      fallback: block,
      undo: part("Call"),
    },
  ),
};

const overlap = oneOfTexts("queue", "skip", "replace");
const input = recordOf(expression);

const starts: SchemaParts = {
  State: object(
    { name: text, schema: text, initial: expression, per: expression },
    { was: text, next: expression, idleMs: count, onIdle: block, maxItems: count },
  ),
  Trigger: union("kind", [
    object(
      {
        kind: tag("http"),
        method: text,
        path: text,
        auth: part("Auth"),
        respond: oneOfTexts("wait", "accepted"),
        overlap,
      },
      { input, dedupe: expression, where: expression },
    ),
    object(
      {
        kind: tag("cron"),
        expression: text,
        zone: text,
        misfire: oneOfTexts("once", "all", "skip"),
        overlap,
      },
      { input },
    ),
    object(
      { kind: oneOfTexts("event", "slack"), topic: text, overlap },
      {
        input,
        dedupe: expression,
        where: expression,
        debounceMs: count,
        batch: object({ size: count, withinMs: count }),
      },
    ),
  ]),
};

const bound = { type: ["number", "null"], minimum: 0 };

export const flowParts: SchemaParts = {
  ...actions,
  ...starts,
  Bounds: object({
    agentCalls: bound,
    modelRequests: bound,
    toolCalls: bound,
    humanTasks: bound,
    tokens: bound,
    cost: bound,
    timeMs: bound,
  }),
  Let: object({ name: text, value: expression }, { schema: text }),
  Step: object(
    { name: text, path: text, phase: count, waits: texts, action: part("Action"), schema: text },
    { doc: text },
  ),
  Block: object({
    lets: list(part("Let")),
    steps: list(part("Step")),
    output: nullable(expression),
    outputWaits: texts,
  }),
  Flow: object(
    {
      name: text,
      params: list(part("Param")),
      input: text,
      returns: text,
      body: block,
      states: list(part("State")),
      triggers: list(part("Trigger")),
      effects: object({ acts: bool, sends: bool }),
      bounds: part("Bounds"),
      runnable: bool,
    },
    {
      doc: text,
      was: text,
      timeoutMs: expression,
      budget: part("Budget"),
      rate: part("Rate"),
      concurrency: object({ limit: count }, { per: expression }),
      priority: expression,
      deadLetter: text,
      fallback: block,
      cancelOn: object({ topic: text }, { where: expression }),
    },
  ),
};
