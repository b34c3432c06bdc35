import { insert, spanOf } from "../names/reporter.ts";
import { someOf, suggest } from "../names/suggest.ts";
import { withoutParentheses } from "../names/plain-text.ts";
import type { Scope } from "../names/scope.ts";
import type { Argument, CallExpression } from "../syntax/tree.ts";
import { calledAt, calledName, calledText } from "./called.ts";
import type { Called } from "./called.ts";
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
  readonly called: Called;
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
  const args = binding.params.map((parameter): Taken => ({ parameter, node: null }));
  let loose = noArguments;
  for (const [index, argument] of binding.node.args.entries()) {
    const place = placeFor(c, binding, argument, index, args);
    if (place === undefined) loose = [...loose, argument];
    else place.node = argument;
  }
  // One fault, one error: a doubled or misspelt argument is likely the one that is missing.
  if (!binding.partial && loose.length === 0 && args.some(isMissing))
    reportMissing(c, binding, args.filter(isMissing));
  return { args, loose };
}

const noArguments: readonly Argument[] = [];

/** A parameter and the argument that it has got so far. */
interface Taken {
  readonly parameter: Parameter;
  node: Argument | null;
}

function isMissing({ parameter, node }: BoundArgument): boolean {
  return node === null && isRequired(parameter);
}

function placeFor(
  c: Checker,
  binding: Binding,
  argument: Argument,
  index: number,
  args: readonly Taken[],
): Taken | undefined {
  if (argument.name !== null) {
    const { text } = argument.name;
    if (text === "") return undefined;
    const named = placeOf(text, args);
    if (named === undefined) reportUnknown(c, binding, argument, args);
    else if (named.node !== null) return reportTwice(c, binding, argument, named);
    return named;
  }
  const value = withoutParentheses(argument.value);
  if (value.kind === "errorExpression") return undefined;
  const own = value.kind === "name" ? placeOf(value.name.text, args) : undefined;
  if (own !== undefined) return own.node === null ? own : reportTwice(c, binding, argument, own);
  const [first] = args;
  if (index === 0 && first !== undefined) return first;
  reportUnnamed(c, binding, argument, args);
  return undefined;
}

function placeOf(name: string, args: readonly Taken[]): Taken | undefined {
  for (const place of args) if (place.parameter.name === name) return place;
  return undefined;
}

function reportTwice(
  c: Checker,
  binding: Binding,
  argument: Argument,
  { parameter, node: first }: BoundArgument,
): undefined {
  c.report({
    code: "AF3013",
    at: argument.name ?? argument,
    message: `the parameter \`${parameter.name}\` of ${calledText(c, binding.called)} gets two values`,
    related: first === null ? [] : [{ span: spanOf(c.file, first), message: "the first value" }],
    help: `remove one of the two; the call is \`${signatureText(binding)}\``,
  });
}

function reportUnknown(
  c: Checker,
  binding: Binding,
  argument: Argument,
  args: readonly BoundArgument[],
): void {
  const name = argument.name ?? { start: argument.start, end: argument.end, text: "" };
  const free = freeParams(binding, args);
  const near = suggest({
    file: c.file,
    at: name,
    written: name.text,
    candidates: free.map((parameter) => parameter.name),
  });
  c.report({
    code: "AF3013",
    at: name,
    message: `${calledText(c, binding.called)} has no parameter \`${name.text}\``,
    related: calledAt(c, binding.called),
    help: near.help ?? `the call is \`${signatureText(binding)}\``,
    fixes: near.fixes,
  });
}

function freeParams({ node }: Binding, args: readonly BoundArgument[]): readonly Parameter[] {
  const free = args.filter(
    (place) =>
      place.node === null && !node.args.some(({ name }) => name?.text === place.parameter.name),
  );
  return free.map(({ parameter }) => parameter);
}

function reportUnnamed(
  c: Checker,
  binding: Binding,
  argument: Argument,
  args: readonly BoundArgument[],
): void {
  const free = freeParams(binding, args);
  if (free.length === 0) {
    const count = binding.params.length;
    c.report({
      code: "AF3013",
      at: argument,
      message: `${calledText(c, binding.called)} takes ${count === 0 ? "no arguments" : count === 1 ? "one argument" : `${count} arguments`}, and this is one more`,
      related: calledAt(c, binding.called),
      help: `remove it; the call is \`${signatureText(binding)}\``,
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
      related: calledAt(c, binding.called),
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

function reportMissing(c: Checker, binding: Binding, missing: readonly BoundArgument[]): void {
  const { node } = binding;
  const names = missing.map(({ parameter }) => `\`${parameter.name}\``);
  // Behind the last argument, or between the brackets.
  const last = node.args.at(-1);
  const offset = last?.end ?? Math.max(node.end - 1, node.callee.end);
  const text = missing.map(({ parameter }) => `${parameter.name}: `).join(", ");
  c.report({
    code: "AF3013",
    at: node.callee,
    message: `${calledText(c, binding.called)} needs ${someOf(names)}`,
    label:
      missing.length === 1 ? "an argument is missing" : `${missing.length} arguments are missing`,
    related: calledAt(c, binding.called),
    help: `the call is \`${signatureText(binding)}\``,
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
function signatureText({ called, params }: Binding): string {
  const list = params.map(
    (parameter) =>
      `${parameter.name}: ${typeText(parameter.type)}${parameter.default === null ? "" : " = …"}`,
  );
  return `${calledName(called)}(${list.join(", ")})`;
}
