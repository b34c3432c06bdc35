import type { Declaration, Name, TypeNode } from "../syntax/tree.ts";

/** Visits every name that stands for a type, a role or a module's declaration in the head of a declaration. */
export function namesOfTypes(declaration: Declaration, visit: (name: Name) => void): void {
  switch (declaration.kind) {
    case "type":
      namesInType(declaration.value, visit);
      return;
    case "let":
      if (declaration.type !== null) namesInType(declaration.type, visit);
      return;
    case "config":
      for (const field of declaration.shape?.fields ?? []) namesInType(field.type, visit);
      return;
    case "role":
      inSignature(declaration.signature, visit);
      return;
    case "agent":
    case "tool":
    case "flow": {
      const { head } = declaration;
      if (head.kind === "signature") inSignature(head, visit);
      else {
        visit(head.role);
        for (const arg of head.args) namesInType(arg, visit);
      }
      return;
    }
    case "test":
    case "model":
      return;
  }
}

function inSignature(
  signature: Extract<Extract<Declaration, { kind: "flow" }>["head"], { kind: "signature" }>,
  visit: (name: Name) => void,
): void {
  for (const field of signature.params) namesInType(field.type, visit);
  if (signature.returns !== null) namesInType(signature.returns, visit);
}

export function namesInType(type: TypeNode, visit: (name: Name) => void): void {
  switch (type.kind) {
    case "union":
      for (const member of type.members) namesInType(member.type, visit);
      return;
    case "labelled":
    case "optional":
    case "parenthesizedType":
      namesInType(type.type, visit);
      return;
    case "list":
      namesInType(type.item, visit);
      return;
    case "shape":
      for (const field of type.fields) namesInType(field.type, visit);
      return;
    case "named":
      visit(type.name);
      for (const arg of type.args) namesInType(arg, visit);
      return;
    case "literalType":
    case "errorType":
      return;
  }
}
