import { someOf } from "../names/suggest.ts";
import { Scope } from "../names/scope.ts";
import type { Block, On } from "../syntax/tree.ts";
import { eventRecord } from "./built-in-types.ts";
import { isRequired } from "./bind-arguments.ts";
import { checkPairs } from "./check-pairs.ts";
import { checkSettings } from "./check-settings.ts";
import type { Checker } from "./checker.ts";
import type { SettingOwner } from "./settings-table.ts";
import type { Signature } from "./type.ts";
import { stringType } from "./type.ts";

const kinds: readonly SettingOwner[] = ["http", "cron", "event", "slack"];

interface Flow {
  readonly params: Scope;
  readonly signature: Signature;
}

/** The `on …` entries of a flow; whether such a trigger exists is judged by the rule for triggers. */
export function checkTriggers(c: Checker, block: Block, flow: Flow): void {
  for (const entry of block.entries) if (entry.kind === "on") checkTrigger(c, entry, flow);
}

function checkTrigger(c: Checker, node: On, { params, signature }: Flow): void {
  const [, second] = node.args;
  if (second !== undefined)
    c.report({
      code: "AF3013",
      at: second,
      message: `\`on ${node.trigger.text}\` waits for one thing, and this is one more`,
      help: `write another \`on ${node.trigger.text}(…)\` for it`,
    });
  for (const { value } of node.args)
    c.expect(value, c.fileScope, stringType, `what \`on ${node.trigger.text}\` waits for`);
  if (node.trigger.text === "cron") requireInput(c, node, signature);
  if (node.block === null) return;
  const scope = new Scope(c.fileScope, {
    hidden: params,
    hiddenBecause: "a trigger knows only the names of the file, `config` and `event`",
  });
  const symbol = {
    scope: "context" as const,
    kind: "event" as const,
    name: "event" as const,
    node,
  };
  scope.declare("event", { kind: "binding", symbol, scope, at: null });
  // `where` judges one event, whose parameters are known; several are gathered before there are any.
  const withParams = new Scope(params);
  withParams.declare("event", { kind: "binding", symbol, scope: withParams, at: null });
  c.results.symbolTypes.set(symbol, eventRecord(node.trigger.text));
  const kind = kinds.find((known) => known === node.trigger.text) ?? "trigger";
  const settings = checkSettings(c, node.block, {
    kind,
    outer: scope,
    inner: scope,
    params: gathers(node.block) ? scope : withParams,
    signature,
    at: node.trigger,
    hasSteps: false,
  });
  checkPairs(c, settings);
}

function gathers(block: Block): boolean {
  return block.entries.some(
    (entry) =>
      entry.kind === "setting" && (entry.key.text === "debounce" || entry.key.text === "batch"),
  );
}

/** A tick brings nothing that could be matched by name. */
function requireInput(c: Checker, { trigger, block }: On, { params }: Signature): void {
  const needed = params.filter(isRequired).map(({ name }) => `\`${name}\``);
  const isOpen =
    block?.entries.some(
      (entry) =>
        entry.kind === "spread" || (entry.kind === "setting" && entry.key.text === "input"),
    ) === true;
  if (needed.length === 0 || isOpen) return;
  c.report({
    code: "AF3013",
    at: trigger,
    message: `a tick brings nothing, and the flow needs ${someOf(needed)}`,
    help: `say what it gets: \`input: { ${params.find(isRequired)?.name ?? ""}: … }\``,
  });
}
