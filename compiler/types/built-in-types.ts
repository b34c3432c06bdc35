import {
  boolType,
  durationType,
  floatType,
  intType,
  jsonType,
  moneyType,
  noLabels,
  stringType,
} from "./type.ts";
import type { Labels, RecordField, RecordType, SimpleKind, SimpleType, Type } from "./type.ts";
import { literalUnion } from "./join.ts";

/** A record type from its fields; fields of an optional type may be left out. */
export function recordOf(
  fields: Readonly<Record<string, Type>>,
  declared: RecordType["declared"] = null,
): RecordType {
  return {
    kind: "record",
    declared,
    doc: null,
    fields: new Map(Object.entries(fields).map(([name, type]) => [name, fieldOf(name, type)])),
  };
}

export function fieldOf(name: string, type: Type, labels: Labels = noLabels): RecordField {
  return { name, type, doc: null, default: null, labels };
}

const simpleTypes = new Map<SimpleKind, SimpleType>();

export function simple(kind: SimpleKind): SimpleType {
  let type = simpleTypes.get(kind);
  if (type === undefined) simpleTypes.set(kind, (type = { kind }));
  return type;
}

const code = simple("code");
const time = simple("time");

export const errorRecord: RecordType = recordOf(
  { code, message: stringType, step: stringType, attempts: intType },
  { name: "Error", id: "#Error", args: [] },
);

export const messageRecord: RecordType = recordOf(
  { role: literalUnion(["user", "assistant"]), text: stringType, time },
  { name: "Message", id: "#Message", args: [] },
);

/** What the names of types that no file declares stand for, where they have no range and no pattern. */
export const plainTypes: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["string", stringType],
  ["int", intType],
  ["float", floatType],
  ["money", moneyType],
  ["duration", durationType],
  ["bool", boolType],
  ["json", jsonType],
  ...(["url", "email", "date", "time", "file", "secret"] as const).map(
    (kind) => [kind, simple(kind)] as const,
  ),
  ["Error", errorRecord],
  ["Message", messageRecord],
]);

export function failureOf(item: Type): RecordType {
  return recordOf(
    { key: stringType, item, index: { kind: "int", min: 0, max: null }, error: errorRecord },
    { name: "Failure", id: "#Failure", args: [item] },
  );
}

export const runRecord: RecordType = recordOf({
  id: stringType,
  startedAt: time,
  flow: stringType,
  environment: stringType,
});

/** The event a trigger brings. `data` of events, the parts of a request of http. */
export function eventRecord(trigger: string): RecordType {
  const always = { id: stringType, topic: stringType, time };
  if (trigger === "http")
    return recordOf({
      ...always,
      body: jsonType,
      query: jsonType,
      headers: jsonType,
      params: jsonType,
    });
  return trigger === "cron" ? recordOf(always) : recordOf({ ...always, data: jsonType });
}

/** Codes that can appear in any program. */
export const builtInCodes = [
  "timeout",
  "rate_limited",
  "unavailable",
  "circuit_open",
  "refused",
  "truncated",
  "filtered",
  "invalid_output",
  "tool_error",
  "too_many_turns",
  "unauthorized",
  "not_found",
  "conflict",
  "invalid_input",
  "exhausted",
  "upstream_failed",
  "interrupted",
  "too_many_items",
  "budget_exceeded",
  "cancelled",
  "internal",
] as const;

/** What `for` with `tolerate` gives. */
export function tolerated(items: Type, item: Type): RecordType {
  const failed: Type = {
    kind: "list",
    item: failureOf(item),
    min: null,
    max: items.kind === "list" ? items.max : null,
  };
  return recordOf({ ok: items, failed });
}

export function listOf(item: Type, min: number | null = null, max: number | null = null): Type {
  return { kind: "list", item, min, max };
}
