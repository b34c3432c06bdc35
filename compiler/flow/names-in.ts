import type {
  Action,
  Arm,
  Block,
  Entry,
  Expression,
  If,
  Name,
  StringLiteral,
} from "../syntax/tree.ts";

type Visit = (name: Name) => void;

/** Visits every name that an expression mentions, in the order they are written. */
export function namesInExpression(expression: Expression, visit: Visit): void {
  switch (expression.kind) {
    case "name":
      visit(expression.name);
      return;
    case "string":
      namesInText(expression, visit);
      return;
    case "fieldAccess":
      namesInExpression(expression.object, visit);
      return;
    case "index":
      namesInExpression(expression.object, visit);
      namesInExpression(expression.index, visit);
      return;
    case "call":
      namesInExpression(expression.callee, visit);
      for (const argument of expression.args) namesInExpression(argument.value, visit);
      return;
    case "lambda":
      namesInExpression(expression.body, visit);
      return;
    case "unary":
      namesInExpression(expression.operand, visit);
      return;
    case "binary":
      namesInExpression(expression.left, visit);
      namesInExpression(expression.right, visit);
      return;
    case "conditional":
      namesInExpression(expression.condition, visit);
      namesInExpression(expression.then, visit);
      namesInExpression(expression.else, visit);
      return;
    case "record":
      for (const entry of expression.entries) {
        if (entry.kind === "recordSpread") namesInExpression(entry.value, visit);
        else if (entry.value === null) visit(entry.key);
        else namesInExpression(entry.value, visit);
      }
      return;
    case "listLiteral":
      for (const item of expression.items) namesInExpression(item, visit);
      return;
    case "parenthesized":
      namesInExpression(expression.expression, visit);
      return;
    case "literal":
    case "errorExpression":
      return;
  }
}

function namesInText(text: StringLiteral, visit: Visit): void {
  for (const part of text.parts)
    if (part.kind === "interpolation") namesInExpression(part.expression, visit);
}

/** Visits every name anywhere inside an action, nested blocks and all settings included. */
export function namesInAction(action: Action, visit: Visit): void {
  switch (action.kind) {
    case "invoke":
      namesInExpression(action.expression, visit);
      if (action.block !== null) namesInBlock(action.block, visit);
      return;
    case "if":
      namesInIf(action, visit);
      return;
    case "match":
      namesInExpression(action.subject, visit);
      for (const arm of action.arms) namesInBody(arm.body, visit);
      return;
    case "for":
      namesInExpression(action.list, visit);
      namesInBlock(action.block, visit);
      return;
    case "repeat":
    case "race":
      namesInBlock(action.block, visit);
      return;
  }
}

function namesInIf(action: If, visit: Visit): void {
  namesInExpression(action.condition, visit);
  namesInBlock(action.then, visit);
  if (action.else !== null) namesInBody(action.else, visit);
}

function namesInBody(body: Arm["body"], visit: Visit): void {
  if (body.kind === "block") namesInBlock(body, visit);
  else namesInAction(body, visit);
}

export function namesInBlock(block: Block, visit: Visit): void {
  for (const entry of block.entries) namesInEntry(entry, visit);
}

export function namesInEntry(entry: Entry, visit: Visit): void {
  switch (entry.kind) {
    case "setting":
      namesInAction(entry.value, visit);
      return;
    case "step":
    case "action":
      namesInAction(entry.action, visit);
      return;
    case "let":
      namesInExpression(entry.value, visit);
      return;
    case "state":
      namesInExpression(entry.initial, visit);
      if (entry.block !== null) namesInBlock(entry.block, visit);
      return;
    case "expect":
      namesInExpression(entry.condition, visit);
      return;
    case "on":
      for (const argument of entry.args) namesInExpression(argument.value, visit);
      if (entry.block !== null) namesInBlock(entry.block, visit);
      return;
    case "spread":
      visit(entry.name);
      return;
  }
}
