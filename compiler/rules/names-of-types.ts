import { entriesIn } from "../flow/entries-in.ts";
import type { Block, Declaration, Name, TypeNode } from "../syntax/tree.ts";

/** Visits every name that stands for a type, a role or a module's declaration in the head of a declaration or in an annotation. */
export function namesOfTypes(declaration: Declaration, visit: (name: Name) => void): void {
  switch (declaration.kind) {
    case "type":
      inType(declaration.value, visit);
      return;
    case "let":
      if (declaration.type !== null) inType(declaration.type, visit);
      return;
    case "config":
      for (const field of declaration.shape?.fields ?? []) inType(field.type, visit);
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
        for (const arg of head.args) inType(arg, visit);
      }
      inAnnotations(declaration.block, visit);
      return;
    }
    case "test":
      inAnnotations(declaration.block, visit);
      return;
    case "model":
      return;
  }
}

function inSignature(
  signature: Extract<Extract<Declaration, { kind: "flow" }>["head"], { kind: "signature" }>,
  visit: (name: Name) => void,
): void {
  for (const field of signature.params) inType(field.type, visit);
  if (signature.returns !== null) inType(signature.returns, visit);
}

function inType(type: TypeNode, visit: (name: Name) => void): void {
  switch (type.kind) {
    case "union":
      for (const member of type.members) inType(member.type, visit);
      return;
    case "labelled":
    case "optional":
    case "parenthesizedType":
      inType(type.type, visit);
      return;
    case "list":
      inType(type.item, visit);
      return;
    case "shape":
      for (const field of type.fields) inType(field.type, visit);
      return;
    case "named":
      visit(type.name);
      for (const arg of type.args) inType(arg, visit);
      return;
    case "literalType":
    case "errorType":
      return;
  }
}

/** Annotations of steps, lets and states, at any depth. */
function inAnnotations(block: Block, visit: (name: Name) => void): void {
  entriesIn(block, (entry) => {
    if (entry.kind === "state") inType(entry.type, visit);
    else if ((entry.kind === "step" || entry.kind === "let") && entry.type !== null)
      inType(entry.type, visit);
  });
}
