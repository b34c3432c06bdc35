import type { Fault } from "./grammar-base.ts";
import { printKind } from "./print-token.ts";
import type { TokenKind } from "./tokens.ts";

/** How a construct is written: the reason behind every syntax message, said as an example. */
const forms: Readonly<Record<string, string>> = {
  importDeclaration: 'an import is written `import { name, other as alias } from "./file"`',
  importName: 'an import is written `import { name, other as alias } from "./file"`',
  typeDeclaration: 'a type is written `type Name { field: type }` or `type Name = "a" | "b"`',
  configDeclaration:
    "configuration is written `config { name: type }`, or `config production { name: value }`",
  roleDeclaration:
    "a role is written `role name(param: type) -> type`, perhaps with settings in `{ }`",
  modelDeclaration: 'a model is written `model name { use: "provider/id" }`',
  agentDeclaration:
    "an agent is written `agent name(param: type) -> type { settings }` or `agent name: role { settings }`",
  toolDeclaration: "a tool is written `tool name(param: type) -> type { settings }`",
  flowDeclaration: "a flow is written `flow name(param: type) -> type { entries }`",
  testDeclaration: 'a test is written `test "what it shows" { entries }`',
  enumDeclaration: 'a choice is written `type Name = "a" | "b"`',
  head: "behind the name follow parameters, `(name: type)`, or the role that is filled, `: role`",
  roleHead:
    "behind the name follow parameters, `(name: type)`, or the role that is filled, `: role`",
  signature: "parameters are written `(name: type, other: type) -> type`",
  shape: "fields are written `{ name: type, other: type }`",
  field: "a field or a parameter is written `name: type`, perhaps with `= default`",
  typeRef: 'a type is written `string`, `Name[..5]`, `T?`, `"a" | "b"` or `{ name: type }`',
  typeArgs: "the types that a generic type takes are written `Name<A, B>`",
  typeParams: "type parameters are written `<T, U>`",
  range: "a range is written `1..5`, `..5`, `1..` or `5`",
  bound: "a range is written `1..5`, `..5`, `1..` or `5`",
  block: "a block holds settings, `key: value`, and statements such as `step name = …`",
  entry: "a block holds settings, `key: value`, and statements such as `step name = …`",
  setting: "a setting is written `key: value`",
  spread: "the settings of a record are copied with `...name`",
  on: 'a trigger is written `on event("topic")`, perhaps with settings in `{ }`',
  state: "a state is written `state name: type = value`, perhaps with settings in `{ }`",
  step: "a step is written `step name = action`, perhaps with a type: `step name: type = action`",
  letDeclaration:
    "a value is named with `let name = value`, perhaps with a type: `let name: type = value`",
  expect: "an expectation is written `expect condition`",
  constant: "a value is named with `let name = value`",
  assignment: "a value is named with `let name = value`",
  action: "settings in `{ }` stand behind a call: `name(arguments) { key: value }`",
  ifAction: "a choice is written `if condition { … } else { … }`",
  match: 'a `match` is written `match value { "a" => …, else => … }`',
  arm: 'an arm is written `"a" | "b" => action`',
  realArm: 'an arm is written `"a" | "b" => action`',
  pattern: "a pattern is a text, a whole number, `true`, `false`, `null` or `else`",
  forAction: "a loop over a list is written `for item in list { … }`",
  repeat: "a bounded loop is written `repeat { maxRounds: 3, until: condition, … }`",
  race: "a race is written `race { … }`",
  args: "arguments are written `(value, name: value)`",
  argument: "an argument is written `value`, `name: value`, or, for a method, `x => value`",
  record: "a record is written `{ name: value, other: value }`",
  recordEntry: "a record is written `{ name: value, other: value }`",
  choice: "a choice between two values is written `condition ? value : value`",
  list: "a list is written `[value, value]`",
  parenthesized: "every `(` needs its `)`",
  declaration: "a file holds `import let type config role model agent tool flow test`",
};

/** The innermost construct that was under way and has a form of its own. */
export function constructOf({ rules }: Fault): string {
  if (rules.at(-1) === "expression") return "choice";
  return rules.findLast((rule) => rule in forms) ?? "declaration";
}

/** The construct whose block a missing `{` opens. */
export function blockOwner({ rules }: Fault): string {
  return (
    rules.findLast((rule) => rule in forms && rule !== "block" && rule !== "entry") ?? "declaration"
  );
}

/** A sentence that says how the construct at hand is written. */
export function formOf(construct: string): string {
  return forms[construct] ?? forms["entry"] ?? "";
}

const values: Readonly<Record<string, string>> = {
  operand: "a value",
  action: "a value or an action",
  entry: "a setting or a statement",
  actionEntry: "a setting or a statement",
  typeTerm: "a type",
  pattern: "a pattern",
  arm: "a pattern",
  head: "`(` or `:`",
  typeDeclaration: "`{` or `=`",
  configDeclaration: "`{` or the name of an environment",
  recordEntry: "the name of a field",
  range: "a range",
  refinement: "a range or a pattern",
  declaration: "a declaration",
};

const names: Readonly<Record<string, string>> = {
  step: "the name of the step",
  letDeclaration: "the name of the value",
  state: "the name of the state",
  on: "the kind of trigger: `http`, `cron`, `event` or `slack`",
  spread: "the name of a record",
  typeDeclaration: "the name of the type",
  roleDeclaration: "the name of the role",
  modelDeclaration: "the name of the model",
  agentDeclaration: "the name of the agent",
  toolDeclaration: "the name of the tool",
  flowDeclaration: "the name of the flow",
  enumDeclaration: "the name of the type",
  roleHead: "the name of a role",
  importName: "a name to import",
  forAction: "a name for the item",
  operand: "the name of a field",
  field: "the name of a field",
  signature: "the name of a parameter",
  typeParams: "the name of a type parameter",
};

const closings: Readonly<Record<string, string>> = {
  args: "`,` or `)`",
  signature: "`,` or `)`",
  list: "`,` or `]`",
  typeArgs: "`,` or `>`",
  typeParams: "`,` or `>`",
  importDeclaration: "`,` or `}`",
  block: "another entry or `}`",
  record: "another field or `}`",
  shape: "another field or `}`",
  match: "another arm or `}`",
  enumDeclaration: "another name or `}`",
};

/** What the grammar could have gone on with, in words. */
export function expectationOf(fault: Fault): string {
  const { kind, expected, rules } = fault;
  const innermost = rules.at(-1) ?? "declaration";
  switch (kind) {
    case "separator":
      return expected?.name === "Colon"
        ? "`:`, an operator or a new line"
        : (closings[innermost] ?? "`,`");
    case "mismatch":
      return expected === null ? "something else" : expectedToken(expected, innermost);
    case "no-alternative":
      return values[innermost] ?? "a value";
    case "no-call":
      return "an action such as `if` or `for`, or a call, in front of the block";
    case "left-over":
      return "the next declaration";
    default:
      return "fewer levels";
  }
}

function expectedToken(expected: TokenKind, rule: string): string {
  if (expected.name === "Identifier" || expected.name === "AnyName") {
    return names[rule] ?? printKind(expected);
  }
  return expected.name === "RBrace" ? (closings[rule] ?? printKind(expected)) : printKind(expected);
}
