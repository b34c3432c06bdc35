import type { Method } from "../../plan/expression.ts";
import { listOf, simple } from "./built-in-types.ts";
import { isText } from "./is-text.ts";
import { optional } from "./substitute.ts";
import { boolType, durationType, floatType, intType, moneyType, stringType } from "./type.ts";
import type { ListType, Type } from "./type.ts";

/** What a method is given: nothing, a function over the items, or a value. */
export type MethodArgument =
  | { readonly kind: "none" }
  | {
      readonly kind: "lambda";
      readonly body: "bool" | "any" | "ordered";
      readonly mayBeMissing?: boolean;
    }
  | { readonly kind: "value"; readonly type: Type; readonly literal?: boolean };

export interface MethodSpec {
  readonly name: Method;
  readonly argument: MethodArgument;
  /** From the lambda's result or the argument's type; `literal` is the number written for `take` and `chunk`. */
  readonly result: (given: { readonly type: Type; readonly literal: number | null }) => Type;
}

const none: MethodArgument = { kind: "none" };
const test = { kind: "lambda", body: "bool" } as const satisfies MethodArgument;

/** One method of a type. */
export function methodOf(type: Type, name: string): MethodSpec | undefined {
  if (type.kind !== "list") return otherMethods(type).get(name);
  return listMethods.get(name)?.(type);
}

export function methodNames(type: Type): readonly string[] {
  return [...(type.kind === "list" ? listMethods : otherMethods(type)).keys()];
}

function otherMethods(type: Type): ReadonlyMap<string, MethodSpec> {
  if (isText(type)) return textMethods;
  switch (type.kind) {
    case "int":
    case "float":
      return numberMethods;
    case "money":
      return moneyMethods;
    case "duration":
      return durationMethods;
    default:
      return noMethods;
  }
}

const noMethods: ReadonlyMap<string, MethodSpec> = new Map();

/** Fields that every value of a type has. */
export function builtInField(type: Type, name: string): Type | undefined {
  if (name === "length" && (type.kind === "list" || isText(type))) return lengthOf(type);
  if (type.kind === "time" && name === "date") return simple("date");
  if (type.kind === "file") return fileFields[name];
  return undefined;
}

export function builtInFields(type: Type): readonly string[] {
  if (type.kind === "list" || isText(type)) return ["length"];
  if (type.kind === "time") return ["date"];
  return type.kind === "file" ? Object.keys(fileFields) : [];
}

const fileFields: Readonly<Record<string, Type>> = {
  name: stringType,
  size: { kind: "int", min: 0, max: null },
  mime: stringType,
};

function lengthOf(type: Type): Type {
  const bounds = type.kind === "list" || type.kind === "string" ? type : { min: null, max: null };
  return { kind: "int", min: bounds.min ?? 0, max: bounds.max };
}

type ListMethod = (list: ListType) => MethodSpec;

function method(
  name: Method,
  argument: MethodArgument,
  result: (list: ListType, given: Parameters<MethodSpec["result"]>[0]) => Type,
): [string, ListMethod] {
  return [name, (list) => ({ name, argument, result: (given) => result(list, given) })];
}

function withItem(
  name: Method,
  argument: (list: ListType) => MethodArgument,
  result: (list: ListType, given: Parameters<MethodSpec["result"]>[0]) => Type,
): [string, ListMethod] {
  return [
    name,
    (list) => ({ name, argument: argument(list), result: (given) => result(list, given) }),
  ];
}

const count: MethodArgument = {
  kind: "value",
  type: { kind: "int", min: 1, max: null },
  literal: true,
};

const listMethods: ReadonlyMap<string, ListMethod> = new Map([
  method("map", { kind: "lambda", body: "any" }, ({ min, max }, { type }) => ({
    kind: "list",
    item: type,
    min,
    max,
  })),
  method("filter", test, ({ max }, { type }) => ({ kind: "list", item: type, min: 0, max })),
  method("find", test, ({ item }) => optional(item)),
  method("any", test, () => boolType),
  method("all", test, () => boolType),
  method("count", { ...test, mayBeMissing: true }, ({ max }) => ({ kind: "int", min: 0, max })),
  method("sum", none, ({ item }) => sumOf(item)),
  method("avg", none, ({ item, min }) =>
    (min ?? 0) > 0 ? averageOf(item) : optional(averageOf(item)),
  ),
  method("min", none, ({ item }) => optional(item)),
  method("max", none, ({ item }) => optional(item)),
  method("first", none, ({ item }) => optional(item)),
  method("last", none, ({ item }) => optional(item)),
  method("sortBy", { kind: "lambda", body: "ordered" }, (list) => list),
  withItem(
    "contains",
    ({ item }) => ({ kind: "value", type: item }),
    () => boolType,
  ),
  withItem(
    "concat",
    ({ item }) => ({ kind: "value", type: listOf(item) }),
    (list, { type }) => concat(list, type),
  ),
  method("flat", none, flat),
  method("chunk", count, (list, { literal }) => chunk(list, literal)),
  method("take", { ...count, type: { kind: "int", min: 0, max: null } }, (list, { literal }) =>
    take(list, literal),
  ),
  method("unique", none, (list) => ({ ...list, min: Math.min(list.min ?? 0, 1) })),
  method("reverse", none, (list) => list),
  method("join", { kind: "value", type: stringType }, () => stringType),
]);

/** Names of methods that need items of a certain kind, and which. */
export function itemsNeeded(name: Method, item: Type): string | undefined {
  const isNumber = ["int", "float", "money", "duration", "never", "error", "json"].includes(
    item.kind,
  );
  const isOrdered = isNumber || item.kind === "date" || item.kind === "time";
  if ((name === "sum" || name === "avg") && !isNumber) return "numbers, money or durations";
  if ((name === "min" || name === "max") && !isOrdered)
    return "numbers, money, durations, dates or times";
  if (
    name === "flat" &&
    item.kind !== "list" &&
    item.kind !== "never" &&
    item.kind !== "error" &&
    item.kind !== "json"
  )
    return "lists";
  return undefined;
}

function sumOf(item: Type): Type {
  switch (item.kind) {
    case "int":
      return { kind: "int", min: (item.min ?? -1) >= 0 ? 0 : null, max: null };
    case "money":
      return moneyType;
    case "duration":
      return durationType;
    case "never":
      return { kind: "int", min: 0, max: 0 };
    case "float":
      return floatType;
    default:
      return item;
  }
}

function averageOf(item: Type): Type {
  switch (item.kind) {
    case "int":
    case "float":
      return { kind: "float", min: item.min, max: item.max };
    case "never":
      return floatType;
    default:
      return item;
  }
}

/** `type` is the joined item type. */
function concat(list: ListType, type: Type): Type {
  if (type.kind !== "list") return list;
  const min = (list.min ?? 0) + (type.min ?? 0);
  const max = list.max === null || type.max === null ? null : list.max + type.max;
  return { kind: "list", item: type.item, min: min === 0 ? null : min, max };
}

function flat({ item, min, max }: ListType): Type {
  if (item.kind !== "list") return { kind: "list", item, min: null, max: null };
  return {
    kind: "list",
    item: item.item,
    min: (min ?? 0) * (item.min ?? 0),
    max: max === null || item.max === null ? null : max * item.max,
  };
}

function chunk({ item, min, max }: ListType, size: number | null): Type {
  if (size === null || size < 1) return listOf({ kind: "list", item, min: 1, max: null });
  return {
    kind: "list",
    item: { kind: "list", item, min: 1, max: max === null ? size : Math.min(size, max) },
    min: min === null ? null : Math.ceil(min / size),
    max: max === null ? null : Math.ceil(max / size),
  };
}

function take({ item, min, max }: ListType, count: number | null): Type {
  if (count === null) return { kind: "list", item, min: 0, max };
  return {
    kind: "list",
    item,
    min: Math.min(min ?? 0, count),
    max: max === null ? count : Math.min(max, count),
  };
}

function table(methods: readonly MethodSpec[]): ReadonlyMap<string, MethodSpec> {
  return new Map(methods.map((method) => [method.name, method]));
}

const text: MethodArgument = { kind: "value", type: stringType };

const textMethods = table([
  { name: "contains", argument: text, result: () => boolType },
  { name: "startsWith", argument: text, result: () => boolType },
  { name: "endsWith", argument: text, result: () => boolType },
  { name: "trim", argument: none, result: () => stringType },
  { name: "lower", argument: none, result: () => stringType },
  { name: "upper", argument: none, result: () => stringType },
  { name: "split", argument: text, result: () => listOf(stringType, 1) },
  {
    name: "take",
    argument: { kind: "value", type: { kind: "int", min: 0, max: null }, literal: true },
    result: ({ literal }) => ({ kind: "string", min: null, max: literal, pattern: null }),
  },
]);

function withAnother(type: Type): MethodSpec[] {
  return [
    { name: "min", argument: { kind: "value", type }, result: ({ type: given }) => given },
    { name: "max", argument: { kind: "value", type }, result: ({ type: given }) => given },
    { name: "abs", argument: none, result: () => type },
  ];
}

const numberMethods = table([
  { name: "round", argument: none, result: () => intType },
  { name: "floor", argument: none, result: () => intType },
  { name: "ceil", argument: none, result: () => intType },
  ...withAnother(floatType),
]);
const moneyMethods = table(withAnother(moneyType));
const durationMethods = table(withAnother(durationType));
