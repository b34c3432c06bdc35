/**
 * Types of the language. Immutable values without syntax nodes; compare with `sameType`, never by
 * identity, because an unchanged file keeps types that were built for an earlier snapshot.
 * Bounds are inclusive; null is "no bound". Labels (trusted, untrusted, private) are no part of a type:
 * they stand on parameters, fields and results.
 */

import type { Expression } from "../syntax/tree.ts";
import type { GlobalSymbol } from "../names/symbol.ts";

export type Type =
  | ErrorType
  | SimpleType
  | StringType
  | LiteralType
  | NumberType
  | ListType
  | RecordType
  | UnionType
  | OptionalType
  | RoleType
  | TypeParameter
  | CallableType
  | ModelType
  | SpanType;

/** Something failed here and was reported: fits everything, everything fits it, no follow-up is reported. */
export interface ErrorType {
  readonly kind: "error";
}

export interface SimpleType {
  readonly kind: SimpleKind;
}

/**
 * `never`: no value, type of `fail(…)`, `continue(…)` and of the items of `[]`. `code`: an error code. `rate` and
 * `percent` (a fraction, converts to float) are types of literals.
 */
export type SimpleKind =
  | "null"
  | "never"
  | "bool"
  | "url"
  | "email"
  | "date"
  | "time"
  | "file"
  | "secret"
  | "json"
  | "code"
  | "rate"
  | "percent";

export interface StringType {
  readonly kind: "string";
  /** Characters. */
  readonly min: number | null;
  readonly max: number | null;
  /** Source of a regular expression. */
  readonly pattern: string | null;
}

/** One text. */
export interface LiteralType {
  readonly kind: "literal";
  readonly value: string;
}

/** Ints and floats as they are, money in micro-dollars, durations in milliseconds. */
export interface NumberType {
  readonly kind: "int" | "float" | "money" | "duration";
  readonly min: number | null;
  readonly max: number | null;
  /** A test has shown that the value is not 0. */
  readonly nonZero?: boolean;
}

export interface ListType {
  readonly kind: "list";
  readonly item: Type;
  readonly min: number | null;
  readonly max: number | null;
}

/** Structural: the name is for messages and schemas only. Recursive types are cyclic through `fields`. */
export interface RecordType {
  readonly kind: "record";
  readonly declared: DeclaredName | null;
  readonly doc: string | null;
  /** In declared order. */
  readonly fields: ReadonlyMap<string, RecordField>;
}

/** The `type` declaration a type came from. */
export interface DeclaredName {
  readonly name: string;
  /** `path#Name`; `#Error` for built-in types. */
  readonly id: string;
  /** Of a generic type; `declaredKey` (type-text.ts) tells one use of it from another. */
  readonly args: readonly Type[];
}

export interface RecordField {
  readonly name: string;
  readonly type: Type;
  readonly doc: string | null;
  readonly default: DefaultValue | null;
  readonly labels: Labels;
}

/** An expression and the file in which it is resolved (`program.modules.get(file)` types it). */
export interface DefaultValue {
  readonly expression: Expression;
  readonly file: string;
}

export interface Labels {
  readonly trusted: boolean;
  readonly untrusted: boolean;
  readonly private: boolean;
}

export interface UnionType {
  readonly kind: "union";
  readonly declared: DeclaredName | null;
  readonly doc: string | null;
  /** All literals (then `tag` is null), or all records that differ in the literal type of field `tag`. */
  readonly members: readonly (LiteralType | RecordType)[];
  readonly tag: string | null;
  /** One per member. */
  readonly docs: readonly (string | null)[];
}

/** `T?`; `inner` is neither optional nor null nor error. */
export interface OptionalType {
  readonly kind: "optional";
  readonly inner: Type;
}

/** The name of one filler of the role. */
export interface RoleType {
  readonly kind: "role";
  readonly role: GlobalSymbol;
  readonly args: readonly Type[];
}

/** A `T` inside a generic declaration. */
export interface TypeParameter {
  readonly kind: "typeParameter";
  readonly name: string;
  /** `path#declaration.T`. */
  readonly id: string;
}

/** The value of a name that stands for an agent, tool, flow or role. */
export interface CallableType {
  readonly kind: "callable";
  readonly symbol: GlobalSymbol;
}

export interface ModelType {
  readonly kind: "model";
  readonly symbol: GlobalSymbol;
}

/** `a..b`, the value of `backoff`: durations. */
export interface SpanType {
  readonly kind: "span";
  readonly of: Type;
}

/** A parameter of a callable. */
export interface Parameter {
  readonly name: string;
  readonly type: Type;
  readonly doc: string | null;
  readonly default: DefaultValue | null;
  readonly labels: Labels;
}

export interface Signature {
  readonly typeParams: readonly TypeParameter[];
  readonly params: readonly Parameter[];
  readonly returns: Type;
  /** Labels written on the result. */
  readonly returnLabels: Labels;
}

export const errorType: ErrorType = { kind: "error" };
export const nullType: SimpleType = { kind: "null" };
export const neverType: SimpleType = { kind: "never" };
export const boolType: SimpleType = { kind: "bool" };
export const jsonType: SimpleType = { kind: "json" };
export const stringType: StringType = { kind: "string", min: null, max: null, pattern: null };
export const intType: NumberType = { kind: "int", min: null, max: null };
export const floatType: NumberType = { kind: "float", min: null, max: null };
export const moneyType: NumberType = { kind: "money", min: null, max: null };
export const durationType: NumberType = { kind: "duration", min: null, max: null };
export const noLabels: Labels = { trusted: false, untrusted: false, private: false };
