import type { Fix } from "../diagnostics/diagnostic.ts";
import { insert } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import type { FlowDeclaration, Node } from "../syntax/tree.ts";
import { actionType } from "./action-type.ts";
import { blockScope } from "./block-scope.ts";
import { checkEntries } from "./check-block.ts";
import { checkDeclaredSettings } from "./check-settings.ts";
import { checkTriggers } from "./check-triggers.ts";
import type { CheckedCallable } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { fits, mismatch } from "./mismatch.ts";
import { promised } from "./promised.ts";
import { reportMismatch } from "./report-mismatch.ts";
import type { Owner } from "./setting-owner.ts";
import type { Signature, Type } from "./type.ts";
import { reportRepeatedNames } from "./unique-names.ts";
import { blockGivesValue, misnamedOutput } from "./valueless.ts";

export function checkFlow(
  c: Checker,
  node: FlowDeclaration,
  { signature, settings }: CheckedCallable,
  params: Scope,
): void {
  const { block } = node;
  reportRepeatedNames(c, block);
  const inner = blockScope(c, block, params);
  const owner: Owner = {
    kind: "flow",
    text: `the flow \`${node.name.text}\``,
    outer: inner,
    inner,
    params,
    signature,
    at: node.name,
    hasSteps: true,
    promise: promiseOf(node),
  };
  checkDeclaredSettings(c, block, owner, settings);
  checkEntries(c, block, inner);
  checkTriggers(c, block, { params, signature });
  if (settings.has("output") || misnamedOutput(block) !== undefined) return;
  checkUnnamedValue(c, node, signature, inner);
}

/** Where a flow says what it gives. */
function promiseOf({ head }: FlowDeclaration): Node {
  return head.kind === "roleHead" ? head : (head.returns ?? head);
}

/** A flow without `output` gives the value of its only action, or nothing. */
function checkUnnamedValue(
  c: Checker,
  node: FlowDeclaration,
  signature: Signature,
  inner: Scope,
): void {
  const { returns } = signature;
  if (returns.kind === "null" || returns.kind === "error") return;
  const actions = node.block.entries.filter((entry) => entry.kind === "action");
  const [only] = actions;
  if (only?.kind === "action") {
    const found = mismatch(c.world, actionType(c, only.action, inner), returns);
    const at = { kind: "errorExpression" as const, start: only.action.start, end: only.action.end };
    if (found !== null)
      reportMismatch(c, found, {
        at,
        what: `the value of the flow \`${node.name.text}\``,
        target: returns,
        related: [promised(c, promiseOf(node))],
      });
    return;
  }
  if (!blockGivesValue(node.block) || node.block.entries.every((entry) => entry.kind !== "step")) {
    c.report({
      code: "AF4007",
      at: promiseOf(node),
      message: `the flow \`${node.name.text}\` promises a value, but has no \`output\``,
      help: "add `output:` with the value, or remove `-> …` from its head",
      fixes: outputFixes(c, node, returns, inner),
    });
  }
}

/** The last step whose value is what the flow promises is what is usually meant. */
function outputFixes(
  c: Checker,
  { block }: FlowDeclaration,
  returns: Type,
  inner: Scope,
): readonly Fix[] {
  const last = block.entries.findLast((entry) => {
    if (entry.kind !== "step") return false;
    const binding = inner.lookUp(entry.name.text);
    return binding !== undefined && fits(c.world, c.typeOfBinding(binding), returns);
  });
  if (last?.kind !== "step") return [];
  const output = `output: ${last.name.text}`;
  const before = c.sourceText.slice(0, last.start);
  const indent = /(?:^|\n)([ \t]*)$/u.exec(before)?.[1];
  const text = indent === undefined ? ` ${output}` : `\n${indent}${output}`;
  return [{ title: `add \`${output}\``, edits: [insert(c.file, last.end, text)], safe: false }];
}
