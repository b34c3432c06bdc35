import type { Json } from "../../plan/expression.ts";
import { topicMatches } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseJson, readSource } from "../run/collect-input.ts";
import { withRunner } from "../run/with-runner.ts";

export async function emit(invocation: Invocation): Promise<number> {
  const { args, options, terminal, environment } = invocation;
  const [topic = "", text] = args;
  const data: Json =
    text === undefined
      ? null
      : parseJson(text === "-" ? await readSource("-", environment.folder) : text, "the data", [
          `for example agentflow emit ${topic} '{ "order": "o-1" }'; a text needs quotes of its own: '"paid"'`,
        ]);
  const id = options.text("id");
  const done = await withRunner({ ...invocation, takeOver: true }, async ({ runner }) => {
    const waiting = await runner.list({ status: ["waiting"], limit: 10_000 });
    const { delivered } = await runner.emit({ topic, data, ...(id === undefined ? {} : { id }) });
    const subscriptions = await runner.operations.subscriptions();
    // Who was waiting goes on here and now; the others are not touched.
    const ended =
      delivered === 0
        ? []
        : await Promise.all(
            waiting.map(async (run) => await runner.wait(run.id, { untilWaiting: true })),
          );
    return {
      delivered,
      triggers: subscriptions
        .filter((trigger) => topicMatches(trigger.topic, topic))
        .map(({ id }) => id),
      runs: ended.map((run) => ({ run: run.id, flow: run.flow, status: run.status })),
    };
  });
  if (options.on("json")) terminal.out(`${JSON.stringify(done, null, 2)}\n`);
  else report(topic, done, invocation);
  return exitCodes.ok;
}

function report(
  topic: string,
  { delivered, triggers }: { readonly delivered: number; readonly triggers: readonly string[] },
  { terminal }: Invocation,
): void {
  if (delivered > 0)
    terminal.err(`${topic} reached ${delivered} ${delivered === 1 ? "run" : "runs"}\n`);
  for (const id of triggers) terminal.err(`${topic} is kept for the trigger ${id}\n`);
  if (triggers.length > 0) terminal.err("its runs are started by `agentflow up` or a scheduler\n");
  if (delivered === 0 && triggers.length === 0)
    terminal.err(`no run waits for ${topic}, and no trigger wants it\n`);
}
