import { callsOf } from "../flow/calls.ts";
import type { FlowCall } from "../flow/flow-graph.ts";
import { callable, handoffsOf } from "../flow/uses.ts";
import type { Handoff } from "../flow/uses.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import { withArticle } from "../names/suggest.ts";
import { spanOf } from "../names/reporter.ts";
import type { Node } from "../syntax/tree.ts";
import { isRequired } from "../types/bind-arguments.ts";
import { fits } from "../types/mismatch.ts";
import { sameType } from "../types/same-type.ts";
import { typeText } from "../types/type-text.ts";
import type { Signature } from "../types/type.ts";
import { rolesOf } from "./roles-of.ts";
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
  for (const arrow of arrows) checkArrows(arrow, context);
  // Whom a wrong name was meant to be is open, and so is who can be reached.
  if (areMembers) checkReachable(callee.symbol, arrows, context);
}

/** An arrow leads to somebody else, and is there once. */
function checkArrows({ from, to }: Handoff, { report }: RuleContext): void {
  const seen = new Set<string>();
  for (const { symbol, at } of to) {
    if (symbol === null) continue;
    const isSelf = symbol.id === from?.id;
    if (isSelf || seen.has(symbol.id))
      report({
        code: "AF4006",
        at,
        message: isSelf
          ? `\`${symbol.name}\` has the conversation then, and can't hand it over to itself`
          : `\`${symbol.name}\` stands in this list twice, and each handoff happens at most once`,
        help: "remove it",
      });
    seen.add(symbol.id);
  }
}

/** Whether it may have the conversation, as far as that is known. */
function isMember(
  member: GlobalSymbol | null,
  at: Node,
  first: GlobalSymbol,
  context: RuleContext,
): boolean {
  const { program, module, report } = context;
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
  const [taker, giver] = [callable(program, member), callable(program, first)];
  if (taker === null || giver === null) return true;
  if (!takesArguments(taker.signature, giver.signature, { member, first, at }, context))
    return true;
  const [own, wanted] = [taker.signature.returns, giver.signature.returns];
  if (sameType(own, wanted)) return true;
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

interface Member {
  readonly member: GlobalSymbol;
  readonly first: GlobalSymbol;
  readonly at: Node;
}

/** Whoever takes over gets what the first was called with, by the names of the parameters. */
function takesArguments(
  { params }: Signature,
  given: Signature,
  { member, first, at }: Member,
  { program, report }: RuleContext,
): boolean {
  const wrong = params.find((param) => {
    const own = given.params.find(({ name }) => name === param.name);
    if (own === undefined) return isRequired(param);
    return !fits(rolesOf(program), own.type, param.type);
  });
  if (wrong === undefined) return true;
  const own = given.params.find(({ name }) => name === wrong.name);
  report({
    code: "AF4006",
    at,
    message:
      own === undefined
        ? `\`${member.name}\` gets the arguments of \`${first.name}\`, and among them is no \`${wrong.name}\``
        : `\`${member.name}\` gets the arguments of \`${first.name}\`, and its \`${wrong.name}\` is \`${typeText(wrong.type)}\`, not \`${typeText(own.type)}\``,
    help: "all that may have the conversation take the same parameters, best by giving them one role",
  });
  return false;
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
