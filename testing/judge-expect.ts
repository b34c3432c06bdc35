import { compileExpression } from "../plan/evaluate/compile-expression.ts";
import { ValueRefused } from "../plan/evaluate/names.ts";
import type { Names } from "../plan/evaluate/names.ts";
import { expressionText } from "../plan/expression-text.ts";
import type { Expression, Json } from "../plan/expression.ts";
import type { Program } from "../plan/plan.ts";
import type { ExpectPlan } from "../plan/test-plan.ts";
import type { TestFailure } from "./test-result.ts";

/** Thrown by `Names.lookup` for the value of a run that has none; it fails the `expect` that reads it. */
export class ValueMissing extends Error {
  override readonly name = "ValueMissing";
}

/** Null when the condition holds. */
export function judgeExpect(
  expect: ExpectPlan,
  names: Names,
  schemas: Program["schemas"],
): TestFailure | null {
  const { line, text, condition } = expect;
  const evaluate = (expression: Expression): Json => compileExpression(expression, schemas)(names);
  try {
    if (evaluate(condition) === true) return null;
    return { line, text, ...explainFalse(condition, evaluate) };
  } catch (error) {
    if (error instanceof ValueMissing || error instanceof ValueRefused)
      return { line, text, message: error.message };
    throw error;
  }
}

type Explanation = Pick<TestFailure, "message" | "expected" | "got">;

const comparisons = { less: "<", lessOrEqual: "<=", greater: ">", greaterOrEqual: ">=" } as const;

/** Says which part of a condition does not hold, and what its operands are. */
function explainFalse(
  condition: Expression,
  evaluate: (expression: Expression) => Json,
): Explanation {
  switch (condition.op) {
    case "equal":
      return {
        message: "the values differ",
        got: evaluate(condition.left),
        expected: evaluate(condition.right),
      };
    case "notEqual":
      return { message: `both sides are ${show(evaluate(condition.left))}` };
    case "less":
    case "lessOrEqual":
    case "greater":
    case "greaterOrEqual": {
      const wanted = `${comparisons[condition.op]} ${show(evaluate(condition.right))}`;
      return {
        message: `${expressionText(condition.left)} is ${show(evaluate(condition.left))}, not ${wanted}`,
      };
    }
    case "and":
      return explainFalse(
        evaluate(condition.left) === true ? condition.right : condition.left,
        evaluate,
      );
    case "not":
      return { message: `${expressionText(condition.of)} is true` };
    default:
      return { message: `${expressionText(condition)} is ${show(evaluate(condition))}` };
  }
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 197)}…` : text;
}
