import type { Json } from "./expression.ts";
import type { JsonSchema, Program } from "./plan.ts";
import { referredName } from "./schema-reference.ts";
import { schemaText } from "./schema-text.ts";

/** A state whose stored values can't be read any more. */
export interface StateChange {
  readonly code: "AF7005";
  /** As the new plan calls them. */
  readonly flow: string;
  readonly state: string;
  readonly message: string;
}

/**
 * Compares the states of the program in service with those of its successor (AF7005). Reported is a state of which no
 * stored value can fit the new type; values that may fit are checked one by one when they are read.
 */
export function incompatibleStates(before: Program, after: Program): readonly StateChange[] {
  return Object.entries(after.flows).flatMap(([id, flow]) => {
    const old = Object.values(before.flows).find(
      (candidate) => candidate.name === flow.name || candidate.name === flow.was,
    );
    return flow.states.flatMap((state): readonly StateChange[] => {
      const stored = old?.states.find(
        (candidate) => candidate.name === state.name || candidate.name === state.was,
      );
      if (stored === undefined) return [];
      const [from, to] = [before.schemas[stored.schema] ?? {}, after.schemas[state.schema] ?? {}];
      if (
        mayFit({ schema: from, schemas: before.schemas }, { schema: to, schemas: after.schemas }, 0)
      )
        return [];
      const message = `no value that the state \`${state.name}\` of \`${id}\` has stored as \`${schemaText(from)}\` fits its new type \`${schemaText(to)}\``;
      return [{ code: "AF7005", flow: id, state: state.name, message }];
    });
  });
}

interface Typed {
  readonly schema: JsonSchema;
  readonly schemas: Program["schemas"];
}

/** Types this deep, which contain themselves, are taken to fit. */
const deepest = 20;

/** False only if no value of the first type is one of the second. */
function mayFit(from: Typed, to: Typed, depth: number): boolean {
  if (depth > deepest) return true;
  const [olds, news] = [membersOf(from), membersOf(to)];
  return olds.some((old) => news.some((next) => memberMayFit(old, next, depth)));
}

function membersOf({ schema, schemas }: Typed): readonly Typed[] {
  const name = referredName(schema);
  if (name !== undefined) return membersOf({ schema: schemas[name] ?? {}, schemas });
  if (!Array.isArray(schema["anyOf"])) return [{ schema, schemas }];
  return (schema["anyOf"] as readonly JsonSchema[]).flatMap((member) =>
    membersOf({ schema: member, schemas }),
  );
}

function memberMayFit(from: Typed, to: Typed, depth: number): boolean {
  const [old, next] = [from.schema, to.schema];
  if (old["type"] === undefined || next["type"] === undefined) return true;
  if (kindOf(old) !== kindOf(next)) return false;
  const [oldChoices, newChoices] = [choicesOf(old), choicesOf(next)];
  if (oldChoices !== null && newChoices !== null)
    return oldChoices.some((choice) => newChoices.includes(choice));
  if (old["type"] === "object") return recordMayFit(from, to, depth);
  if (old["type"] === "array") return listMayFit(from, to, depth);
  return rangesMeet(old, next);
}

/** An int is a float; a text with a format may be any text. */
function kindOf(schema: JsonSchema): string {
  const annotation = schema["x-agentflow"];
  if (annotation === "money" || annotation === "duration" || annotation === "file")
    return annotation;
  return schema["type"] === "integer" ? "number" : String(schema["type"]);
}

function choicesOf(schema: JsonSchema): readonly Json[] | null {
  if (schema["const"] !== undefined) return [schema["const"]];
  return Array.isArray(schema["enum"]) ? (schema["enum"] as readonly Json[]) : null;
}

function rangesMeet(old: JsonSchema, next: JsonSchema): boolean {
  const keys =
    old["type"] === "string"
      ? (["minLength", "maxLength"] as const)
      : (["minimum", "maximum"] as const);
  const [least, most] = keys;
  return (
    limit(old, least, -Infinity) <= limit(next, most, Infinity) &&
    limit(next, least, -Infinity) <= limit(old, most, Infinity)
  );
}

function limit(schema: JsonSchema, key: string, none: number): number {
  const value = schema[key];
  return typeof value === "number" ? value : none;
}

/** A field that the old type lacks must be nullable; fields that the new type lacks are dropped. */
function recordMayFit(from: Typed, to: Typed, depth: number): boolean {
  const [olds, news] = [propertiesOf(from.schema), propertiesOf(to.schema)];
  return Object.entries(news).every(([name, schema]) => {
    const old = olds[name];
    const field: Typed = { schema, schemas: to.schemas };
    if (old === undefined)
      return membersOf(field).some((member) => member.schema["type"] === "null");
    return mayFit({ schema: old, schemas: from.schemas }, field, depth + 1);
  });
}

/** The empty list fits every list, unless one of them cannot be empty. */
function listMayFit(from: Typed, to: Typed, depth: number): boolean {
  const [old, next] = [from.schema, to.schema];
  const meet =
    limit(old, "minItems", 0) <= limit(next, "maxItems", Infinity) &&
    limit(next, "minItems", 0) <= limit(old, "maxItems", Infinity);
  if (!meet) return false;
  if (limit(old, "minItems", 0) === 0 && limit(next, "minItems", 0) === 0) return true;
  const items = (schema: JsonSchema): JsonSchema => (schema["items"] ?? {}) as JsonSchema;
  return mayFit(
    { schema: items(old), schemas: from.schemas },
    { schema: items(next), schemas: to.schemas },
    depth + 1,
  );
}

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
}
