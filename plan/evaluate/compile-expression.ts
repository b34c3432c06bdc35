import { decodeValue } from "../decode-value.ts";
import type { Expression, Json, RecordEntry, TemplatePart } from "../expression.ts";
import type { Program } from "../plan.ts";
import { arithmetic, comparison, negated } from "./arithmetic.ts";
import { equal } from "./equality.ts";
import { fieldOf, isList, isRecord, setField } from "./json-record.ts";
import { callMethod } from "./methods.ts";
import { ValueRefused } from "./names.ts";
import type { Evaluator } from "./names.ts";
import { fence, printValue } from "./print-value.ts";

/**
 * Turns an expression into a function. Done once per plan; evaluation then costs a few calls.
 *
 * Evaluators are pure and total: whatever the values are, the result is JSON without NaN or infinity. Their only failure is
 * `ValueRefused`, from `checked`.
 */
export function compileExpression(expression: Expression, schemas: Program["schemas"]): Evaluator {
  return new Compiler(schemas).compile(expression);
}

/**
 * A lambda's parameter or the subject of `?.` lives in a cell that its own expression fills before it is read.
 * One cell per place is enough because evaluation never re-enters an expression.
 */
interface Cell {
  value: Json;
}

type Of<Op extends Expression["op"]> = Extract<Expression, { readonly op: Op }>;

class Compiler {
  readonly schemas: Program["schemas"];
  readonly locals: { readonly name: string; readonly cell: Cell }[] = [];
  it: Cell = { value: null };

  constructor(schemas: Program["schemas"]) {
    this.schemas = schemas;
  }

  compile(expression: Expression): Evaluator {
    switch (expression.op) {
      case "value": {
        const { value } = expression;
        return () => value;
      }
      case "name":
        return this.name(expression.name);
      case "config": {
        const { name } = expression;
        return (names) => names.config(name) ?? null;
      }
      case "field": {
        const of = this.compile(expression.of);
        const { name } = expression;
        return (names) => fieldOf(of(names), name);
      }
      case "index":
        return this.index(expression);
      case "it": {
        const cell = this.it;
        return () => cell.value;
      }
      case "optional":
        return this.optional(expression);
      case "record":
        return this.record(expression.entries);
      case "list": {
        const items = expression.items.map((item) => this.compile(item));
        return (names) => items.map((item) => item(names));
      }
      case "template":
        return this.template(expression.parts);
      case "method":
        return this.method(expression);
      case "checked":
        return this.checked(expression);
      default:
        return this.operator(expression);
    }
  }

  operator(
    expression: Exclude<
      Expression,
      Of<
        | "value"
        | "name"
        | "config"
        | "field"
        | "index"
        | "it"
        | "optional"
        | "record"
        | "list"
        | "template"
        | "method"
        | "checked"
      >
    >,
  ): Evaluator {
    switch (expression.op) {
      case "not": {
        const of = this.compile(expression.of);
        return (names) => of(names) !== true;
      }
      case "negate": {
        const of = this.compile(expression.of);
        return (names) => negated(of(names));
      }
      case "if": {
        const test = this.compile(expression.test);
        const then = this.compile(expression.then);
        const otherwise = this.compile(expression.else);
        return (names) => (test(names) === true ? then(names) : otherwise(names));
      }
      default:
        return this.binary(expression);
    }
  }

  binary(expression: Extract<Expression, { readonly left: Expression }>): Evaluator {
    const left = this.compile(expression.left);
    const right = this.compile(expression.right);
    switch (expression.op) {
      case "add":
      case "subtract":
      case "multiply":
      case "divide": {
        const calculate = arithmetic(expression.op, expression.kinds);
        return (names) => calculate(left(names), right(names));
      }
      case "equal":
        return (names) => equal(left(names), right(names));
      case "notEqual":
        return (names) => !equal(left(names), right(names));
      case "and":
        return (names) => left(names) === true && right(names) === true;
      case "or":
        return (names) => left(names) === true || right(names) === true;
      case "coalesce":
        return (names) => left(names) ?? right(names);
      default:
        return compared(expression.op, { left, right, compare: comparison(expression.as) });
    }
  }

  name(name: string): Evaluator {
    const local = this.locals.findLast((candidate) => candidate.name === name);
    if (local !== undefined) {
      const { cell } = local;
      return () => cell.value;
    }
    return (names) => names.lookup(name) ?? null;
  }

  index(expression: Of<"index">): Evaluator {
    const of = this.compile(expression.of);
    const at = this.compile(expression.at);
    return (names) => {
      const subject = of(names);
      const position = at(names);
      if (isList(subject)) return typeof position === "number" ? (subject[position] ?? null) : null;
      return typeof position === "string" ? fieldOf(subject, position) : null;
    };
  }

  optional(expression: Of<"optional">): Evaluator {
    const of = this.compile(expression.of);
    const outer = this.it;
    const cell: Cell = { value: null };
    this.it = cell;
    const rest = this.compile(expression.rest);
    this.it = outer;
    return (names) => {
      const value = of(names);
      if (value === null) return null;
      cell.value = value;
      return rest(names);
    };
  }

  record(entries: readonly RecordEntry[]): Evaluator {
    const compiled = entries.map((entry) =>
      "spread" in entry
        ? { key: null, value: this.compile(entry.spread) }
        : { key: entry.key, value: this.compile(entry.value) },
    );
    return (names) => {
      const record: Record<string, Json> = {};
      for (const { key, value } of compiled) {
        const given = value(names);
        if (key !== null) setField(record, key, given);
        else if (isRecord(given))
          for (const name of Object.keys(given)) setField(record, name, given[name] ?? null);
      }
      return record;
    };
  }

  template(parts: readonly TemplatePart[]): Evaluator {
    const compiled = parts.map((part): ((names: Parameters<Evaluator>[0]) => string) => {
      if (typeof part === "string") return () => part;
      const value = this.compile(part.value);
      const { print } = part;
      if (part.untrusted === true) return (names) => fence(printValue(value(names), print));
      return (names) => printValue(value(names), print);
    });
    return (names) => {
      let text = "";
      for (const part of compiled) text += part(names);
      return text;
    };
  }

  method(expression: Of<"method">): Evaluator {
    const of = this.compile(expression.of);
    const { name, as = "int" } = expression;
    const argument = expression.argument === undefined ? null : this.compile(expression.argument);
    if (expression.lambda === undefined) {
      return (names) =>
        callMethod(name, of(names), {
          argument: argument === null ? null : argument(names),
          lambda: null,
          as,
        });
    }
    const cell: Cell = { value: null };
    this.locals.push({ name: expression.lambda.param, cell });
    const body = this.compile(expression.lambda.body);
    this.locals.pop();
    return (names) => {
      const lambda = (item: Json): Json => {
        cell.value = item;
        return body(names);
      };
      return callMethod(name, of(names), { argument: null, lambda, as });
    };
  }

  checked(expression: Of<"checked">): Evaluator {
    const of = this.compile(expression.of);
    const { schema } = expression;
    return (names) => {
      const decoded = decodeValue(this.schemas, schema, of(names));
      if (!decoded.ok) throw new ValueRefused(decoded.problems);
      return decoded.value;
    };
  }
}

interface Comparison {
  readonly left: Evaluator;
  readonly right: Evaluator;
  readonly compare: (left: Json, right: Json) => number;
}

function compared(
  op: "less" | "lessOrEqual" | "greater" | "greaterOrEqual",
  { left, right, compare }: Comparison,
): Evaluator {
  switch (op) {
    case "less":
      return (names) => compare(left(names), right(names)) < 0;
    case "lessOrEqual":
      return (names) => compare(left(names), right(names)) <= 0;
    case "greater":
      return (names) => compare(left(names), right(names)) > 0;
    case "greaterOrEqual":
      return (names) => compare(left(names), right(names)) >= 0;
  }
}
