import type { Names } from "../../plan/evaluate/names.ts";
import { namesOf, ValueRefused } from "../../plan/evaluate/names.ts";
import { isList, isRecord } from "../../plan/evaluate/json-record.ts";
import { decodeSteps, decodeValue, type Decoded } from "../../plan/decode-value.ts";
import type { Json, SchemaReference } from "../../plan/expression.ts";
import { hasForm, longFrom } from "../../plan/known-lists.ts";
import type { Args } from "./act-state.ts";
import type { CallCode, ParamCode } from "./code.ts";
import type { RunState } from "./run-state.ts";

/** Arguments in declared order, with defaults, which are still to be checked against `input`. */
export interface GivenArguments {
  readonly values: Record<string, Json>;
  readonly params: readonly ParamCode[];
  readonly input: SchemaReference | null;
}

/** Of a call, as it is written. */
export function callArguments(
  run: RunState,
  names: Names,
  given: { readonly code: CallCode; readonly params: readonly ParamCode[] },
): GivenArguments {
  const { code, params } = given;
  const values: Record<string, Json> = {};
  for (const [name, evaluate] of code.arguments) values[name] = evaluate(names);
  return withDefaults(run, { values, params, input: code.plan.input ?? null });
}

/** @throws ValueRefused when they do not fit. */
export function completeArguments(
  run: RunState,
  given: {
    readonly values: Args;
    readonly params: readonly ParamCode[];
    readonly input: SchemaReference | null;
  },
): Args {
  return checkedArguments(run, withDefaults(run, given));
}

/** @throws ValueRefused when they do not fit. */
export function checkedArguments(run: RunState, given: GivenArguments): Args {
  const { values, input } = given;
  return input === null
    ? complete(given, null)
    : complete(given, decodeValue(run.schemas, input, values, { extraFields: "drop" }));
}

/** The same in steps. @throws ValueRefused */
export function* checkedArgumentsSteps(
  run: RunState,
  given: GivenArguments,
): Generator<void, Args> {
  const { values, input } = given;
  return input === null
    ? complete(given, null)
    : complete(given, yield* decodeSteps(run.schemas, input, values, { extraFields: "drop" }));
}

/** Whether checking them takes long: there is a long list among them, or in one of them, that nobody has looked through. */
export function takeLong({ values, input }: GivenArguments): boolean {
  if (input === null) return false;
  for (const name in values) {
    const value = values[name] ?? null;
    if (isUnknown(value)) return true;
    if (isRecord(value))
      for (const inner in value) if (isUnknown(value[inner] ?? null)) return true;
  }
  return false;
}

function isUnknown(value: Json): boolean {
  return isList(value) && value.length >= longFrom && !hasForm(value);
}

function withDefaults(
  run: RunState,
  {
    values,
    params,
    input,
  }: {
    readonly values: Args;
    readonly params: readonly ParamCode[];
    readonly input: SchemaReference | null;
  },
): GivenArguments {
  const full: Record<string, Json> = {};
  for (const param of params) {
    const value = Object.hasOwn(values, param.name) ? values[param.name] : undefined;
    if (value !== undefined) full[param.name] = value;
    else if (param.default !== null) full[param.name] = param.default(namesOf(full, run.config));
  }
  return { values: full, params, input };
}

function complete({ values, params }: GivenArguments, decoded: Decoded | null): Args {
  if (decoded !== null) {
    if (!decoded.ok) throw new ValueRefused(decoded.problems);
    if (isRecord(decoded.value)) Object.assign(values, decoded.value);
  }
  for (const param of params) if (!Object.hasOwn(values, param.name)) values[param.name] = null;
  return values;
}
