import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { DiagnosticSink } from "./diagnostic-list.ts";
import type { Token } from "./tokens.ts";
import type { BinaryOperator, Expression } from "./tree.ts";

/** An operator and the operand on its right. */
export interface Operation {
  readonly sign: Token;
  readonly operator: BinaryOperator;
  readonly right: Expression;
}

/** What binds tighter has the higher number. Operators of one level group from the left. */
const precedence: Readonly<Record<BinaryOperator, number>> = {
  "??": 1,
  "||": 2,
  "&&": 3,
  "==": 4,
  "!=": 4,
  "<": 5,
  ">": 5,
  "<=": 5,
  ">=": 5,
  "..": 6,
  "+": 7,
  "-": 7,
  "*": 8,
  "/": 8,
};

interface Sink {
  readonly file: string;
  readonly diagnostics: DiagnosticSink;
}

/** Groups a flat chain `first op right op right …` by precedence. */
export function binaryTree(sink: Sink, first: Expression, rest: readonly Operation[]): Expression {
  const operands: Expression[] = [first];
  const pending: Operation[] = [];
  for (const operation of rest) {
    const level = precedence[operation.operator];
    while (pending.length > 0 && precedence[pending.at(-1)!.operator] >= level)
      reduce(sink, operands, pending);
    pending.push(operation);
    operands.push(operation.right);
  }
  while (pending.length > 0) reduce(sink, operands, pending);
  return operands[0] ?? first;
}

function reduce(sink: Sink, operands: Expression[], pending: Operation[]): void {
  const operation = pending.pop();
  const right = operands.pop();
  const left = operands.pop();
  if (operation === undefined || right === undefined || left === undefined) return;
  const { sign, operator } = operation;
  if (operator === ".." && isRange(left)) sink.diagnostics.push(doubleRange(sink.file, sign));
  const operatorAt = { start: sign.start, end: sign.end };
  operands.push({
    kind: "binary",
    start: left.start,
    end: right.end,
    operator,
    operatorAt,
    left,
    right,
  });
}

function isRange(expression: Expression): boolean {
  return expression.kind === "binary" && expression.operator === "..";
}

function doubleRange(file: string, { start, end }: Token): Diagnostic {
  return {
    code: "AF1002",
    severity: "error",
    message: "a range has two ends, and this is a second `..`",
    span: { file, start, end },
    help: "write `1s..16s`: the smallest and the largest value",
  };
}
