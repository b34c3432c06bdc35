import { flowGraph } from "../flow/flow-graph.ts";
import { constantText, writtenRecord, writtenSetting } from "../flow/written.ts";
import { replace } from "../names/reporter.ts";
import { suggest } from "../names/suggest.ts";
import type { On } from "../syntax/tree.ts";
import type { CheckedFlow } from "../types/checked.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { fixedHelp, isError, variablePart, whyUnfixed } from "./unfixed-part.ts";

const triggers = ["http", "cron", "event", "slack"];

/** Other words for them. */
const sameThing: ReadonlyMap<string, string> = new Map([
  ["schedule", "cron"],
  ["scheduled", "cron"],
  ["timer", "cron"],
  ["interval", "cron"],
  ["every", "cron"],
  ["webhook", "http"],
  ["request", "http"],
  ["api", "http"],
  ["endpoint", "http"],
  ["message", "event"],
  ["topic", "event"],
  ["queue", "event"],
  ["channel", "slack"],
]);

/** `orders.*.paid`, `orders.**`. */
const topicPattern = /^(?:(?:\*|[^\s.*]+)\.)*(?:\*\*?|[^\s.*]+)$/;

/** A topic that something is sent under: no pattern. */
const plainTopic = /^[^\s.*]+(\.[^\s.*]+)*$/;

/** What stands between the parentheses, by trigger. */
const shapes: Readonly<
  Record<
    string,
    {
      readonly pattern: RegExp;
      readonly what: string;
      readonly needs: string;
      readonly example: string;
    }
  >
> = {
  http: {
    pattern: /^\s*(GET|POST|PUT|PATCH|DELETE)\s+\/\S*\s*$/i,
    what: "the address",
    needs: "a method and a path",
    example: 'on http("POST /tickets/:id")',
  },
  event: {
    pattern: topicPattern,
    what: "the topic",
    needs: "a topic without spaces, with `*` for a whole segment and `**` for the rest",
    example: 'on event("orders.*.paid")',
  },
  slack: {
    pattern: /^[#@]?\S+$/,
    what: "the channel",
    needs: "a channel",
    example: 'on slack("#support")',
  },
};

/** AF7001: a trigger that does not exist, or that says nothing of where it listens. */
export const unknownTrigger: Rule = (context) => {
  const { program, module, flows, report } = context;
  for (const flow of flows) {
    checkTopics({ program, module, report }, flow);
    for (const entry of flow.node.block.entries) {
      if (entry.kind !== "on") continue;
      const kind = entry.trigger.text;
      if (kind === "") continue;
      if (!triggers.includes(kind)) {
        const same = sameThing.get(kind.toLowerCase());
        const near = suggest({
          file: module.file,
          at: entry.trigger,
          written: kind,
          candidates: triggers,
        });
        report({
          code: "AF7001",
          at: entry.trigger,
          message: `there is no trigger \`${kind}\``,
          help:
            near.help ??
            (same === undefined ? undefined : `it is called \`on ${same}(…)\` here`) ??
            "a flow is started by `on http(…)`, `on cron(…)`, `on event(…)` or `on slack(…)`",
          fixes:
            same === undefined || near.fixes.length > 0
              ? near.fixes
              : [
                  {
                    title: `write \`${same}\``,
                    edits: [replace(module.file, entry.trigger, same)],
                    safe: false,
                  },
                ],
        });
        continue;
      }
      const argument = entry.args[0]?.value;
      const text =
        argument === undefined
          ? undefined
          : constantText(program, { expression: argument, module });
      const shape = shapes[kind];
      if (argument?.kind === "errorExpression" || shape === undefined) continue;
      if (text !== undefined && shape.pattern.test(text)) continue;
      if (reportUnfixed(context, entry, shape.what)) continue;
      report({
        code: "AF7001",
        at: argument ?? entry.trigger,
        message: `\`on ${kind}\` needs ${shape.needs}`,
        help: `write it like \`${shape.example}\``,
      });
    }
  }
};

/** What a trigger waits for is part of the plan. Whether it is not was reported. */
export function reportUnfixed(
  { program, module, report }: RuleContext,
  { args, trigger }: On,
  what: string,
): boolean {
  const argument = args[0]?.value;
  const found =
    argument === undefined ? null : variablePart(program, { expression: argument, module });
  if (argument === undefined || found === null) return false;
  if (isError(found)) return true;
  report({
    code: "AF3005",
    at: found.module === module ? found.expression : argument,
    message: `${what} of \`on ${trigger.text}\` is part of the plan, ${whyUnfixed(found)}`,
    help: fixedHelp(found),
  });
  return true;
}

/** Topics of `emit`, `receive` and `cancelOn`, as far as they are written out. */
function checkTopics(
  { program, module, report }: Pick<RuleContext, "program" | "module" | "report">,
  flow: CheckedFlow,
): void {
  const cancelOn = writtenSetting(program, flow.settings.get("cancelOn"));
  const topic = cancelOn === null ? undefined : writtenRecord(program, cancelOn)?.get("topic");
  const topics = topic === undefined ? [] : [{ action: "cancelOn", written: topic }];
  for (const { call } of flowGraph(module, flow).calls) {
    const { callee } = call;
    if (callee.kind !== "action" || (callee.name !== "emit" && callee.name !== "receive")) continue;
    const value = call.args.find(({ parameter }) => parameter.name === "topic")?.node?.value;
    if (value !== undefined)
      topics.push({ action: callee.name, written: { expression: value, module } });
  }
  for (const { action, written } of topics) {
    const text = constantText(program, written);
    const pattern = action === "emit" ? plainTopic : topicPattern;
    if (text === undefined || pattern.test(text) || written.module !== module) continue;
    report({
      code: "AF7001",
      at: written.expression,
      message:
        action === "emit"
          ? "an event is sent under one topic, without spaces and `*`"
          : `\`${action}\` needs ${shapes["event"]?.needs ?? ""}`,
      help:
        action === "emit"
          ? 'write it like `emit("orders.42.paid", data: …)`'
          : 'write it like `"orders.*.paid"`',
    });
  }
}
