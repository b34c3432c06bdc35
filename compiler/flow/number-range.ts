import { follow } from "./written.ts";
import type { Written } from "./written.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import type { BinaryOperator, Expression } from "../syntax/tree.ts";
import type { Parameter, Type } from "../types/type.ts";

/** Smallest and largest value a number can have; null is unknown. Money in micro-dollars, durations in milliseconds. */
export interface NumberRange {
  readonly min: number | null;
  readonly max: number | null;
}

/** Types of a flow's parameters as one call passes them: narrower than the declared ones. */
export type ArgumentTypes = ReadonlyMap<string, Type>;

export const noArguments: ArgumentTypes = new Map<string, Type>();

const unknownRange: NumberRange = { min: null, max: null };

/** Where an expression stands, and what is known of the parameters it may mention. */
export interface RangeScope {
  readonly program: CheckedProgram;
  readonly module: CheckedModule;
  readonly args: ArgumentTypes;
}

/** The range of a number as far as it follows from literals, parameters and types. */
export function rangeOf(expression: Expression, scope: RangeScope): NumberRange {
  const written = follow(scope.program, { expression, module: scope.module });
  const inner = written.module === scope.module ? scope : { ...scope, module: written.module };
  const of = written.expression;
  switch (of.kind) {
    case "literal":
      return typeof of.value === "number" ? { min: of.value, max: of.value } : unknownRange;
    case "unary": {
      const { min, max } = rangeOf(of.operand, inner);
      return of.operator === "-" ? { min: negative(max), max: negative(min) } : unknownRange;
    }
    case "conditional":
      return joined(rangeOf(of.then, inner), rangeOf(of.else, inner));
    case "binary":
      return (
        binaryRange(of.operator, rangeOf(of.left, inner), rangeOf(of.right, inner)) ??
        rangeOfType(typeUnder(of, inner))
      );
    case "name":
      return nameRange(of, inner);
    default:
      return rangeOfType(inner.module.typeOf(of));
  }
}

/** Through a local `let`, a parameter keeps what the call says about it. */
function nameRange(of: Extract<Expression, { kind: "name" }>, scope: RangeScope): NumberRange {
  const symbol = scope.module.symbolOf(of.name);
  if (symbol?.scope === "local" && symbol.kind === "let") {
    const { value } = symbol.node;
    // `previous` and steps are runtime values: their types say all there is to know.
    return value.kind === "name" || value.kind === "literal"
      ? rangeOf(value, scope)
      : rangeOfType(scope.module.typeOf(of));
  }
  return rangeOfType(typeUnder(of, scope));
}

/** The type of an expression, narrowed by what the call passes if it is a parameter. */
export function typeUnder(expression: Expression, scope: RangeScope): Type {
  const { expression: of, module } = follow(scope.program, { expression, module: scope.module });
  if (of.kind === "name") {
    const symbol = module.symbolOf(of.name);
    const passed =
      symbol?.scope === "local" && symbol.kind === "parameter"
        ? scope.args.get(symbol.name)
        : undefined;
    if (passed !== undefined) return passed;
  }
  if (
    of.kind === "literal" &&
    typeof of.value === "number" &&
    (of.type === "int" || of.type === "size")
  ) {
    return { kind: "int", min: of.value, max: of.value };
  }
  if (of.kind === "listLiteral") {
    const type = module.typeOf(of);
    return type.kind === "list" ? { ...type, min: of.items.length, max: of.items.length } : type;
  }
  return module.typeOf(of);
}

/** What a parameter has when a call leaves it out. */
export function defaultType(parameter: Parameter, scope: RangeScope): Type {
  const module =
    parameter.default === null ? undefined : scope.program.modules.get(parameter.default.file);
  if (parameter.default === null || module === undefined) return parameter.type;
  return typeUnder(parameter.default.expression, { ...scope, module, args: noArguments });
}

export function rangeOfWritten(
  written: Written | null,
  program: CheckedProgram,
  args: ArgumentTypes = noArguments,
): NumberRange {
  return written === null
    ? unknownRange
    : rangeOf(written.expression, { program, module: written.module, args });
}

/** Most items a list can have; null if nobody said. */
export function mostItems(type: Type): number | null {
  return type.kind === "list" ? type.max : null;
}

function rangeOfType(type: Type): NumberRange {
  switch (type.kind) {
    case "int":
    case "float":
    case "money":
    case "duration":
      return { min: type.min, max: type.max };
    default:
      return unknownRange;
  }
}

function binaryRange(
  operator: BinaryOperator,
  left: NumberRange,
  right: NumberRange,
): NumberRange | null {
  switch (operator) {
    case "+":
      return {
        min: both(left.min, right.min, (a, b) => a + b),
        max: both(left.max, right.max, (a, b) => a + b),
      };
    case "-":
      return {
        min: both(left.min, right.max, (a, b) => a - b),
        max: both(left.max, right.min, (a, b) => a - b),
      };
    case "*":
      return productRange(left, right);
    default:
      return null;
  }
}

function productRange(left: NumberRange, right: NumberRange): NumberRange {
  const { min: a, max: b } = left;
  const { min: c, max: d } = right;
  if (a === null || b === null || c === null || d === null) return unknownRange;
  const corners = [a * c, a * d, b * c, b * d];
  return { min: Math.min(...corners), max: Math.max(...corners) };
}

function joined(left: NumberRange, right: NumberRange): NumberRange {
  return { min: both(left.min, right.min, Math.min), max: both(left.max, right.max, Math.max) };
}

function both(
  left: number | null,
  right: number | null,
  of: (left: number, right: number) => number,
): number | null {
  return left === null || right === null ? null : of(left, right);
}

function negative(value: number | null): number | null {
  return value === null ? null : -value;
}
