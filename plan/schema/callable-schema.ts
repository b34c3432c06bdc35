import {
  anyJson,
  bool,
  count,
  list,
  number,
  object,
  oneOfTexts,
  part,
  recordOf,
  tag,
  text,
  texts,
  union,
  yes,
} from "./schema-parts.ts";
import type { SchemaParts } from "./schema-parts.ts";

const expression = part("Expression");

/** What models, agents, tools, blocks and flows have in common. */
const settings: SchemaParts = {
  Retry: object({
    attempts: expression,
    backoff: object({ fromMs: expression, toMs: expression }),
    retryOn: texts,
  }),
  Budget: object({}, { cost: expression, tokens: expression, timeMs: expression }),
  Rate: object({ count: { type: "number", exclusiveMinimum: 0 }, perMs: count }),
  Circuit: object({ failures: count, windowMs: count, cooldownMs: count }),
  Cache: object(
    { ttlMs: count },
    { similarity: { type: "number", minimum: 0, maximum: 1 }, model: text },
  ),
  Auth: union("kind", [
    object({ kind: tag("bearer"), token: expression }),
    object({ kind: tag("basic"), user: expression, password: expression }),
    object({ kind: tag("header"), header: expression, value: expression }),
    object({ kind: tag("none") }),
  ]),
  Labels: object({ untrusted: bool, private: bool }),
  Param: object({ name: text, schema: text }, { doc: text, default: expression }),
};

const reaches: SchemaParts = {
  Reach: union("kind", [
    object(
      { kind: tag("http"), method: text, url: expression, inUrl: texts },
      { headers: expression, query: expression, body: expression, auth: part("Auth") },
    ),
    object({ kind: tag("module"), module: text, function: text, secrets: recordOf(expression) }),
    object({ kind: tag("mcp"), server: expression, tool: text }, { auth: part("Auth") }),
  ]),
};

export const callableParts: SchemaParts = {
  ...settings,
  ...reaches,
  Model: object(
    { provider: text, model: text, backups: texts, retry: part("Retry"), timeoutMs: count },
    {
      apiKey: expression,
      baseUrl: expression,
      options: anyJson,
      temperature: number,
      price: object({ input: number, output: number }),
      maxInput: count,
      maxOutput: count,
      circuit: part("Circuit"),
      rate: part("Rate"),
      concurrency: count,
      channel: text,
      assignees: texts,
      remindMs: count,
    },
  ),
  Role: object(
    {
      fillers: list(
        object(
          { kind: oneOfTexts("agent", "tool", "flow"), name: text, skills: texts },
          { doc: text },
        ),
      ),
    },
    { doc: text },
  ),
  ToolUse: object(
    {
      kind: oneOfTexts("tool", "flow", "agent"),
      callee: text,
      input: text,
      fixed: recordOf(expression),
    },
    { description: text },
  ),
  Agent: object(
    {
      params: list(part("Param")),
      returns: text,
      model: text,
      prompt: expression,
      examples: list(object({ input: anyJson, output: anyJson })),
      tools: list(part("ToolUse")),
      maxTurns: count,
      checks: list(object({ message: text, test: expression })),
      skills: texts,
      retry: part("Retry"),
      labels: part("Labels"),
    },
    {
      doc: text,
      system: expression,
      timeoutMs: expression,
      budget: part("Budget"),
      cache: part("Cache"),
      rate: part("Rate"),
      concurrency: count,
      maxInput: count,
      maxOutput: count,
    },
  ),
  Tool: object(
    {
      params: list(part("Param")),
      returns: text,
      reach: part("Reach"),
      errors: object({ byStatus: recordOf(text), codes: texts }),
      effect: oneOfTexts("read", "write", "send"),
      restart: bool,
      retry: part("Retry"),
      timeoutMs: expression,
      labels: part("Labels"),
    },
    {
      doc: text,
      idempotency: { anyOf: [text, yes] },
      confirm: text,
      rate: part("Rate"),
      concurrency: count,
      circuit: part("Circuit"),
      cache: part("Cache"),
    },
  ),
};
