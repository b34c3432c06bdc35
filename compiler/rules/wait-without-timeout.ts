import { isPerson, modelOf } from "../flow/agent-bounds.ts";
import { callsOf, targetsOf } from "../flow/calls.ts";
import type { FlowCall } from "../flow/flow-graph.ts";
import { callable, settingSymbol } from "../flow/uses.ts";
import { insert, spanOf } from "../names/reporter.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import type { CheckedAgent } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF5006: people go on holiday and events get lost, so waiting for them has a limit. */
export const waitWithoutTimeout: Rule = (context) => {
  const { module, flows, program, report } = context;
  for (const flow of flows) {
    const own = plainInstance(flow.symbol);
    for (const call of callsOf(module, flow)) {
      if (call.settings.has("timeout")) continue;
      const { callee } = call.call;
      if (callee.kind === "action" && callee.name === "receive") {
        report({
          code: "AF5006",
          at: call.call.node,
          message: "this waits for an event that may never come",
          help: "add how long to wait: `receive(…) { timeout: 1h }`",
          fixes: fixesFor(call, context),
        });
        continue;
      }
      for (const target of targetsOf(program, call, own)) {
        const agent = callable(program, target.symbol);
        if (agent?.kind !== "agent" || hasLimit(agent, call, context)) continue;
        report({
          code: "AF5006",
          at: call.call.node,
          message: `\`${agent.symbol.name}\` is a person who may never answer`,
          related: [
            {
              span: spanOf(agent.symbol.file, agent.node.name),
              message: "answered by a person, without `timeout`",
            },
          ],
          help: `add \`timeout: 8h\` to \`${agent.symbol.name}\` or to this call, and a \`fallback\` if something better can be done than to fail`,
          fixes: fixesFor(call, context),
        });
        break;
      }
    }
  }
  checkConfirmations(context);
};

function hasLimit(agent: CheckedAgent, call: FlowCall, { program }: RuleContext): boolean {
  const model = settingSymbol(program, call.settings.get("model"));
  if (!isPerson(program, agent, model) || agent.settings.has("timeout")) return true;
  return (
    modelOf(program, model ?? settingSymbol(program, agent.settings.get("model")))?.settings.has(
      "timeout",
    ) ?? true
  );
}

/** A person who is asked from an agent's tool loop has no call that could set the limit. */
function checkConfirmations({ program, module, declarations, report }: RuleContext): void {
  for (const tool of declarations) {
    if (tool.kind !== "tool") continue;
    const confirm = settingSymbol(program, tool.settings.get("confirm"));
    const agent = confirm === null ? null : callable(program, confirm);
    const setting = tool.settings.get("confirm");
    if (agent?.kind !== "agent" || setting === undefined || setting.file !== module.file) continue;
    if (!isPerson(program, agent, null) || agent.settings.has("timeout")) continue;
    if (
      modelOf(program, settingSymbol(program, agent.settings.get("model")))?.settings.has(
        "timeout",
      ) === true
    )
      continue;
    report({
      code: "AF5006",
      at: setting.node,
      message: `\`${agent.symbol.name}\` is a person who may never answer`,
      related: [
        {
          span: spanOf(agent.symbol.file, agent.node.name),
          message: "answered by a person, without `timeout`",
        },
      ],
      help: `add \`timeout: 8h\` to \`${agent.symbol.name}\``,
    });
  }
}

function fixesFor(call: FlowCall, { module }: RuleContext): readonly Fix[] {
  const { invoke } = call;
  const edit =
    invoke.block === null
      ? insert(module.file, invoke.end, " { timeout: 8h }")
      : insert(module.file, invoke.block.start + 1, " timeout: 8h ");
  return [{ title: "wait for at most `8h`", edits: [edit], safe: false }];
}
