import type { Json, Method, NumberKind } from "../expression.ts";
import {
  comparison,
  fromMicro,
  numberOf,
  roundHalfEven,
  saturateFloat,
  saturateInt,
  toMicro,
} from "./arithmetic.ts";
import { equal, equalityKey } from "./equality.ts";
import { isList } from "./json-record.ts";

type List = readonly Json[];
/** Evaluates the lambda for one item. */
export type Lambda = (item: Json) => Json;

export interface MethodArguments {
  readonly argument: Json;
  readonly lambda: Lambda | null;
  readonly as: NumberKind;
}

export function listMethod(
  name: Method,
  list: List,
  { argument, lambda, as }: MethodArguments,
): Json {
  const each: Lambda = lambda ?? ((item) => item);
  switch (name) {
    case "length":
      return list.length;
    case "map":
      return list.map(each);
    case "filter":
      return list.filter((item) => each(item) === true);
    case "find":
      return list.find((item) => each(item) === true) ?? null;
    case "any":
      return list.some((item) => each(item) === true);
    case "all":
      return list.every((item) => each(item) === true);
    case "count":
      return lambda === null ? list.length : list.filter((item) => each(item) === true).length;
    case "first":
      return list[0] ?? null;
    case "last":
      return list.at(-1) ?? null;
    case "contains":
      return list.some((item) => equal(item, argument));
    case "concat":
      return isList(argument) ? [...list, ...argument] : list;
    case "flat":
      return list.flatMap((item) => (isList(item) ? item : [item]));
    case "chunk":
      return chunk(list, numberOf(argument));
    case "take":
      return list.slice(0, Math.max(0, numberOf(argument)));
    case "unique":
      return unique(list);
    case "reverse":
      return list.toReversed();
    case "join":
      return list
        .map((item) => (typeof item === "string" ? item : JSON.stringify(item)))
        .join(String(argument ?? ""));
    default:
      return numericMethod(name, list, { each, as });
  }
}

function numericMethod(
  name: Method,
  list: List,
  { each, as }: { each: Lambda; as: NumberKind },
): Json {
  switch (name) {
    case "sum":
      return total(list.map(each), as);
    case "avg":
      return average(list.map(each), as);
    case "sortBy":
      return sorted(list, each, as);
    case "min":
      return extreme(list, { each, as, sign: -1 });
    case "max":
      return extreme(list, { each, as, sign: 1 });
    default:
      return null;
  }
}

function chunk(list: List, size: number): Json {
  if (size < 1) return [list];
  const chunks: List[] = [];
  for (let at = 0; at < list.length; at += size) chunks.push(list.slice(at, at + size));
  return chunks;
}

function unique(list: List): Json {
  const seen = new Map<string, Json>();
  for (const item of list) {
    const key = equalityKey(item);
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
}

function sorted(list: List, each: Lambda, as: NumberKind): Json {
  const compare = comparison(as);
  return list
    .map((item) => ({ item, by: each(item) }))
    .sort((left, right) => compare(left.by, right.by))
    .map(({ item }) => item);
}

/** The first of several equal ones. */
function extreme(
  list: List,
  { each, as, sign }: { each: Lambda; as: NumberKind; sign: 1 | -1 },
): Json {
  const compare = comparison(as);
  let best: Json = null;
  let bestBy: Json = null;
  for (const [at, item] of list.entries()) {
    const by = each(item);
    if (at > 0 && compare(by, bestBy) * sign <= 0) continue;
    best = item;
    bestBy = by;
  }
  return best;
}

function total(values: List, as: NumberKind): Json {
  if (as === "money")
    return fromMicro(
      values.reduce<number>((sum, value) => saturateInt(sum + toMicro(numberOf(value))), 0),
    );
  const saturate = as === "float" ? saturateFloat : saturateInt;
  return values.reduce<number>((sum, value) => saturate(sum + numberOf(value)), 0);
}

function average(values: List, as: NumberKind): Json {
  if (values.length === 0) return null;
  const sum = numberOf(total(values, as));
  if (as === "money") return fromMicro(roundHalfEven(toMicro(sum) / values.length));
  return as === "duration"
    ? roundHalfEven(sum / values.length)
    : saturateFloat(sum / values.length);
}
