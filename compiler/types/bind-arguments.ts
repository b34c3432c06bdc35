import type { Label } from "../diagnostics/diagnostic.ts";
import { insert, spanOf } from "../names/reporter.ts";
import { someOf, suggest } from "../names/suggest.ts";
import { withoutParentheses } from "../names/plain-text.ts";
import type { Scope } from "../names/scope.ts";
import type { Argument, CallExpression } from "../syntax/tree.ts";
import type { BoundArgument } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { fits } from "./mismatch.ts";
import { typeText } from "./type-text.ts";
import type { Parameter } from "./type.ts";

export interface Binding {
  readonly node: CallExpression;
  /** Where the call stands. */
  readonly scope: Scope;
  readonly params: readonly Parameter[];
  /** "the agent `greet`": what is called. Texts are made only for messages. */
  readonly callee: () => string;
  /** `greet(name: string)`. */
  readonly signature: () => string;
  readonly declaredAt: () => readonly Label[];
  /** Arguments may be missing: the tool of an agent, with some fixed. */
  readonly partial: boolean;
}

export interface Bound {
  readonly args: readonly BoundArgument[];
  /** Arguments that no parameter took: reported. */
  readonly loose: readonly Argument[];
}

/**
 * Gives every argument its parameter: by its name; an unnamed plain name by its own text; of all others the first by
 * its place.
 */
export function bindArguments(c: Checker, binding: Binding): Bound {
  const { node, params } = binding;
  const taken = new Map<string, Argument>();
  const loose: Argument[] = [];
  for (const [index, argument] of node.args.entries()) {
    const parameter = parameterFor(c, binding, argument, index, taken);
    if (parameter === undefined) loose.push(argument);
    else taken.set(parameter.name, argument);
  }
  const args = params.map((parameter) => ({ parameter, node: taken.get(parameter.name) ?? null }));
  // One fault, one error: a doubled or misspelt argument is likely the one that is missing.
  if (!binding.partial && loose.length === 0) reportMissing(c, binding, args);
  return { args, loose };
}

function parameterFor(
  c: Checker,
  binding: Binding,
  argument: Argument,
  index: number,
  taken: ReadonlyMap<string, Argument>,
): Parameter | undefined {
  const { params } = binding;
  if (argument.name !== null) {
    if (argument.name.text === "") return undefined;
    const parameter = params.find(({ name }) => name === argument.name?.text);
    if (parameter === undefined) reportUnknown(c, binding, argument, taken);
    else if (taken.has(parameter.name)) return reportTwice(c, binding, argument, parameter, taken);
    return parameter;
  }
  const value = withoutParentheses(argument.value);
  if (value.kind === "errorExpression") return undefined;
  const own =
    value.kind === "name" ? params.find(({ name }) => name === value.name.text) : undefined;
  if (own !== undefined)
    return taken.has(own.name) ? reportTwice(c, binding, argument, own, taken) : own;
  if (index === 0) {
    const [first] = params;
    if (first !== undefined) return first;
  }
  reportUnnamed(c, binding, argument, taken);
  return undefined;
}

function reportTwice(
  c: Checker,
  binding: Binding,
  argument: Argument,
  parameter: Parameter,
  taken: ReadonlyMap<string, Argument>,
): undefined {
  const first = taken.get(parameter.name);
  c.report({
    code: "AF3013",
    at: argument.name ?? argument,
    message: `the parameter \`${parameter.name}\` of ${binding.callee()} gets two values`,
    related:
      first === undefined ? [] : [{ span: spanOf(c.file, first), message: "the first value" }],
    help: `remove one of the two; the call is \`${binding.signature()}\``,
  });
}

function reportUnknown(
  c: Checker,
  binding: Binding,
  argument: Argument,
  taken: ReadonlyMap<string, Argument>,
): void {
  const name = argument.name ?? { start: argument.start, end: argument.end, text: "" };
  const free = binding.params.filter(
    (parameter) => !taken.has(parameter.name) && !isGiven(binding, parameter),
  );
  const near = suggest({
    file: c.file,
    at: name,
    written: name.text,
    candidates: free.map((parameter) => parameter.name),
  });
  c.report({
    code: "AF3013",
    at: name,
    message: `${binding.callee()} has no parameter \`${name.text}\``,
    related: binding.declaredAt(),
    help: near.help ?? `the call is \`${binding.signature()}\``,
    fixes: near.fixes,
  });
}

function isGiven({ node }: Binding, parameter: Parameter): boolean {
  return node.args.some((argument) => argument.name?.text === parameter.name);
}

function reportUnnamed(
  c: Checker,
  binding: Binding,
  argument: Argument,
  taken: ReadonlyMap<string, Argument>,
): void {
  const free = binding.params.filter(
    (parameter) => !taken.has(parameter.name) && !isGiven(binding, parameter),
  );
  if (free.length === 0) {
    const count = binding.params.length;
    c.report({
      code: "AF3013",
      at: argument,
      message: `${binding.callee()} takes ${count === 0 ? "no arguments" : count === 1 ? "one argument" : `${count} arguments`}, and this is one more`,
      related: binding.declaredAt(),
      help: `remove it; the call is \`${binding.signature()}\``,
    });
    return;
  }
  // Which of them the value fits is known when the types of all steps are.
  c.defer(() => {
    const fitting = free.filter((parameter) => mayBe(c, binding, argument, parameter));
    const meant = fitting.length > 0 ? fitting : free;
    c.report({
      code: "AF3017",
      at: argument,
      message: "only the first argument may stand without a name",
      related: binding.declaredAt(),
      help: `write the name of the parameter in front: \`${meant[0]?.name ?? ""}: …\``,
      fixes: meant.slice(0, 3).map((parameter) => ({
        title: `write \`${parameter.name}:\` in front`,
        edits: [insert(c.file, argument.start, `${parameter.name}: `)],
        safe: free.length === 1 && fitting.length === 1,
      })),
    });
  });
}

/** Whether the value of an argument fits a parameter, as far as both are known. */
function mayBe(c: Checker, { scope }: Binding, { value }: Argument, { type }: Parameter): boolean {
  return value.kind !== "lambda" && fits(c.world, c.infer(value, scope), type);
}

function reportMissing(c: Checker, binding: Binding, args: readonly BoundArgument[]): void {
  const missing = args.filter(({ parameter, node }) => node === null && isRequired(parameter));
  if (missing.length === 0) return;
  const { node } = binding;
  const names = missing.map(({ parameter }) => `\`${parameter.name}\``);
  // Behind the last argument, or between the brackets.
  const last = node.args.at(-1);
  const offset = last?.end ?? Math.max(node.end - 1, node.callee.end);
  const text = missing.map(({ parameter }) => `${parameter.name}: `).join(", ");
  c.report({
    code: "AF3013",
    at: node.callee,
    message: `${binding.callee()} needs ${someOf(names)}`,
    label:
      missing.length === 1 ? "an argument is missing" : `${missing.length} arguments are missing`,
    related: binding.declaredAt(),
    help: `the call is \`${binding.signature()}\``,
    fixes: [
      {
        title: `add ${someOf(names)}`,
        edits: [insert(c.file, offset, last === undefined ? text : `, ${text}`)],
        safe: false,
      },
    ],
  });
}

export function isRequired(parameter: Parameter): boolean {
  return (
    parameter.default === null &&
    parameter.type.kind !== "optional" &&
    parameter.type.kind !== "null" &&
    parameter.type.kind !== "error"
  );
}

/** `greet(name: string, title?: string)` for messages. */
export function signatureText(name: string, params: readonly Parameter[]): string {
  const list = params.map(
    (parameter) =>
      `${parameter.name}: ${typeText(parameter.type)}${parameter.default === null ? "" : " = …"}`,
  );
  return `${name}(${list.join(", ")})`;
}
