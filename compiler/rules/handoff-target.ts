import { callsOf } from "../flow/calls.ts";
import type { FlowCall } from "../flow/flow-graph.ts";
import { callable, handoffsOf } from "../flow/uses.ts";
import type { Handoff } from "../flow/uses.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import { withArticle } from "../names/suggest.ts";
import { spanOf } from "../names/reporter.ts";
import type { Node } from "../syntax/tree.ts";
import { sameType } from "../types/same-type.ts";
import { typeText } from "../types/type-text.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF4006: everybody in a handoff graph must be able to give the answer, and somebody must be able to hand over to them. */
export const handoffTarget: Rule = (context) => {
  for (const flow of context.flows) {
    for (const call of callsOf(context.module, flow)) {
      if (call.settings.has("handoffs")) checkCall(call, context);
    }
  }
};

function checkCall(call: FlowCall, context: RuleContext): void {
  const arrows = handoffsOf(context.program, call.settings.get("handoffs"));
  const { callee } = call.call;
  if (callee.kind !== "agent") return;
  let areMembers = true;
  for (const { from, key, to } of arrows)
    for (const { symbol, at } of [{ symbol: from, at: key }, ...to])
      if (!isMember(symbol, at, callee.symbol, context)) areMembers = false;
  // Whom a wrong name was meant to be is open, and so is who can be reached.
  if (areMembers) checkReachable(callee.symbol, arrows, context);
}

/** Whether it may have the conversation, as far as that is known. */
function isMember(
  member: GlobalSymbol | null,
  at: Node,
  first: GlobalSymbol,
  { program, module, report }: RuleContext,
): boolean {
  // A name that means nothing was reported with the names.
  if (member === null) return false;
  if (member.id === first.id) return true;
  if (member.kind !== "agent") {
    report({
      code: "AF4006",
      at,
      message: `\`${member.name}\` is ${withArticle(member.kind)}; only an agent can take over a conversation`,
      help: "name an agent here, or give the agent the tool in `tools`",
    });
    return false;
  }
  const [own, wanted] = [
    callable(program, member)?.signature.returns,
    callable(program, first)?.signature.returns,
  ];
  if (own === undefined || wanted === undefined || sameType(own, wanted)) return true;
  // A type that means nothing was reported where it stands.
  if (own.kind === "error" || wanted.kind === "error") return true;
  const declaration = program.declarationOf(member);
  report({
    code: "AF4006",
    at,
    message: `\`${member.name}\` returns \`${typeText(own)}\`, but \`${first.name}\`, which is called, must answer with \`${typeText(wanted)}\``,
    related:
      declaration === undefined || member.file !== module.file
        ? []
        : [
            {
              span: spanOf(member.file, declaration.node.name),
              message: `\`${member.name}\` is declared here`,
            },
          ],
    help: `whoever has the conversation last gives the answer: let \`${member.name}\` return \`${typeText(wanted)}\` too, best by giving both one role`,
  });
  return true;
}

function checkReachable(
  first: GlobalSymbol,
  arrows: readonly Handoff[],
  { report }: RuleContext,
): void {
  const reached = new Set([first.id]);
  // Sets visit what is added while they are walked.
  for (const id of reached) {
    for (const { from, to } of arrows)
      if (from?.id === id) for (const { symbol } of to) if (symbol !== null) reached.add(symbol.id);
  }
  for (const { from, key } of arrows) {
    if (from?.kind !== "agent" || reached.has(from.id)) continue;
    report({
      code: "AF4006",
      at: key,
      message: `nobody hands over to \`${from.name}\`, so its own arrows can never be used`,
      help: `add \`${from.name}\` to the list of an agent that is reached from \`${first.name}\`, or remove this entry`,
    });
  }
}
