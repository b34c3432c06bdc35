import type {
  Action,
  Arm,
  Block,
  CallExpression,
  Entry,
  Expression,
  If,
  Name,
  Node,
  StringLiteral,
} from "../syntax/tree.ts";

/** `at` is the name itself; for a name in an included text, the call that includes it. */
type Visit = (name: Name, at: Node) => void;

/** Knows what `include(path)` stands for: with it, the names in included texts are visited, too. */
interface Texts {
  includeOf(call: CallExpression): StringLiteral | undefined;
}

/** Visits every name that an expression mentions, in the order they are written. */
export function namesInExpression(expression: Expression, visit: Visit, texts?: Texts): void {
  switch (expression.kind) {
    case "name":
      visit(expression.name, expression.name);
      return;
    case "string":
      namesInText(expression, visit, texts);
      return;
    case "fieldAccess":
      namesInExpression(expression.object, visit, texts);
      return;
    case "index":
      namesInExpression(expression.object, visit, texts);
      namesInExpression(expression.index, visit, texts);
      return;
    case "call": {
      namesInExpression(expression.callee, visit, texts);
      for (const argument of expression.args) namesInExpression(argument.value, visit, texts);
      const included = texts?.includeOf(expression);
      if (included !== undefined) namesInIncluded(included, expression, visit, texts);
      return;
    }
    case "lambda":
      namesInExpression(expression.body, visit, texts);
      return;
    case "unary":
      namesInExpression(expression.operand, visit, texts);
      return;
    case "binary":
      namesInExpression(expression.left, visit, texts);
      namesInExpression(expression.right, visit, texts);
      return;
    case "conditional":
      namesInExpression(expression.condition, visit, texts);
      namesInExpression(expression.then, visit, texts);
      namesInExpression(expression.else, visit, texts);
      return;
    case "record":
      for (const entry of expression.entries) {
        if (entry.kind === "recordSpread") namesInExpression(entry.value, visit, texts);
        else if (entry.value === null) visit(entry.key, entry.key);
        else namesInExpression(entry.value, visit, texts);
      }
      return;
    case "listLiteral":
      for (const item of expression.items) namesInExpression(item, visit, texts);
      return;
    case "parenthesized":
      namesInExpression(expression.expression, visit, texts);
      return;
    case "literal":
    case "errorExpression":
      return;
  }
}

function namesInText(text: StringLiteral, visit: Visit, texts?: Texts): void {
  for (const part of text.parts)
    if (part.kind === "interpolation") namesInExpression(part.expression, visit, texts);
}

/** A function of its own: a closure in the one above would cost memory at every expression. */
function namesInIncluded(
  text: StringLiteral,
  call: CallExpression,
  visit: Visit,
  texts?: Texts,
): void {
  namesInText(text, (name) => visit(name, call), texts);
}

/** Visits every name anywhere inside an action, nested blocks and all settings included. */
export function namesInAction(action: Action, visit: Visit, texts?: Texts): void {
  switch (action.kind) {
    case "invoke":
      namesInExpression(action.expression, visit, texts);
      if (action.block !== null) namesInBlock(action.block, visit, texts);
      return;
    case "if":
      namesInIf(action, visit, texts);
      return;
    case "match":
      namesInExpression(action.subject, visit, texts);
      for (const arm of action.arms) namesInBody(arm.body, visit, texts);
      return;
    case "for":
      namesInExpression(action.list, visit, texts);
      namesInBlock(action.block, visit, texts);
      return;
    case "repeat":
    case "race":
      namesInBlock(action.block, visit, texts);
      return;
  }
}

function namesInIf(action: If, visit: Visit, texts?: Texts): void {
  namesInExpression(action.condition, visit, texts);
  namesInBlock(action.then, visit, texts);
  if (action.else !== null) namesInBody(action.else, visit, texts);
}

function namesInBody(body: Arm["body"], visit: Visit, texts?: Texts): void {
  if (body.kind === "block") namesInBlock(body, visit, texts);
  else namesInAction(body, visit, texts);
}

export function namesInBlock(block: Block, visit: Visit, texts?: Texts): void {
  for (const entry of block.entries) namesInEntry(entry, visit, texts);
}

export function namesInEntry(entry: Entry, visit: Visit, texts?: Texts): void {
  switch (entry.kind) {
    case "setting":
      namesInAction(entry.value, visit, texts);
      return;
    case "step":
    case "action":
      namesInAction(entry.action, visit, texts);
      return;
    case "let":
      namesInExpression(entry.value, visit, texts);
      return;
    case "state":
      namesInExpression(entry.initial, visit, texts);
      if (entry.block !== null) namesInBlock(entry.block, visit, texts);
      return;
    case "expect":
      namesInExpression(entry.condition, visit, texts);
      return;
    case "on":
      for (const argument of entry.args) namesInExpression(argument.value, visit, texts);
      if (entry.block !== null) namesInBlock(entry.block, visit, texts);
      return;
    case "spread":
      visit(entry.name, entry.name);
      return;
  }
}
