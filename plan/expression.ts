/**
 * Expressions of a plan: pure and total, evaluated by the runner (`plan/evaluate`) and, for
 * constants, by the compiler.
 *
 * Values are JSON. `money` is a number of micro-dollars only inside an operation: as a value it is a
 * JSON number of dollars with at most six decimals. `duration` is an integer of milliseconds, `date`
 * is `2026-11-20`, `time` is RFC 3339 in UTC with milliseconds, a role or callable is its name, a
 * file is a `FileValue`.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A file: its bytes are a stored payload, found by hash. `size` in bytes. */
export interface FileValue {
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly sha256: string;
}

/** The kind of a number-like operand decides rounding, saturation and comparison. */
export type NumberKind = "int" | "float" | "money" | "duration" | "date" | "time";

/** How `${x}` prints its value. */
export type Print =
  | "text"
  | "number"
  | "bool"
  | "money"
  | "duration"
  | "date"
  | "time"
  | "file"
  | "json";

export type Expression =
  | { readonly op: "value"; readonly value: Json }
  /** A parameter, `let`, step, state, loop or lambda variable, or context name (`previous`, `error`, `run` …). */
  | { readonly op: "name"; readonly name: string }
  | { readonly op: "config"; readonly name: string }
  | { readonly op: "field"; readonly of: Expression; readonly name: string }
  | { readonly op: "index"; readonly of: Expression; readonly at: Expression }
  /** `a?.rest`: null if `of` is null, else `rest`, in which `{ op: "it" }` is the value of `of`. */
  | { readonly op: "optional"; readonly of: Expression; readonly rest: Expression }
  | { readonly op: "it" }
  | { readonly op: "record"; readonly entries: readonly RecordEntry[] }
  | { readonly op: "list"; readonly items: readonly Expression[] }
  | { readonly op: "template"; readonly parts: readonly TemplatePart[] }
  | { readonly op: "not"; readonly of: Expression }
  | { readonly op: "negate"; readonly of: Expression; readonly as: NumberKind }
  | {
      readonly op: "add" | "subtract" | "multiply" | "divide";
      readonly left: Expression;
      readonly right: Expression;
      /** Kind of each operand and of the result, e.g. time − time = duration. */
      readonly kinds: readonly [NumberKind, NumberKind, NumberKind];
    }
  | {
      readonly op: "less" | "lessOrEqual" | "greater" | "greaterOrEqual";
      readonly left: Expression;
      readonly right: Expression;
      readonly as: NumberKind;
    }
  | { readonly op: "equal" | "notEqual"; readonly left: Expression; readonly right: Expression }
  | {
      readonly op: "and" | "or" | "coalesce";
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly op: "if";
      readonly test: Expression;
      readonly then: Expression;
      readonly else: Expression;
    }
  | {
      readonly op: "method";
      readonly name: Method;
      readonly of: Expression;
      /** A plain argument. */
      readonly argument?: Expression;
      /** A lambda argument. */
      readonly lambda?: { readonly param: string; readonly body: Expression };
      /** Kind of the items (sum, avg, min, max, sortBy) or of the number itself. */
      readonly as?: NumberKind;
    }
  /** A value of type `json` meeting type `schema`: validated here, `invalid_input` if it does not fit. */
  | { readonly op: "checked"; readonly of: Expression; readonly schema: SchemaReference };

export type RecordEntry =
  | { readonly key: string; readonly value: Expression }
  | { readonly spread: Expression };

export type TemplatePart =
  | string
  | {
      readonly value: Expression;
      readonly print: Print;
      /** Printed inside a fence that marks it as data, never instructions. */
      readonly untrusted?: true;
    };

/** Methods of lists, text, numbers, times and files. `length` is written as a field but evaluated as a method. */
export type Method =
  | "length"
  | "map"
  | "filter"
  | "find"
  | "any"
  | "all"
  | "count"
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "first"
  | "last"
  | "sortBy"
  | "contains"
  | "concat"
  | "flat"
  | "chunk"
  | "take"
  | "unique"
  | "reverse"
  | "join"
  | "startsWith"
  | "endsWith"
  | "trim"
  | "lower"
  | "upper"
  | "split"
  | "round"
  | "floor"
  | "ceil"
  | "abs"
  | "date";

/** Name of an entry of `Program.schemas`. */
export type SchemaReference = string;
