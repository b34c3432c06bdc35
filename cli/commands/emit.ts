import type { Json } from "../../plan/expression.ts";
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
  const runs = await withRunner({ ...invocation, takeOver: true }, async ({ runner }) => {
    const waiting = await runner.list({ status: ["waiting"], limit: 10_000 });
    const { delivered } = await runner.emit({ topic, data, ...(id === undefined ? {} : { id }) });
    // Who was waiting goes on here and now; the others are not touched.
    const ended =
      delivered === 0
        ? []
        : await Promise.all(
            waiting.map(async (run) => await runner.wait(run.id, { untilWaiting: true })),
          );
    return {
      delivered,
      runs: ended.map((run) => ({ run: run.id, flow: run.flow, status: run.status })),
    };
  });
  if (options.on("json")) terminal.out(`${JSON.stringify(runs, null, 2)}\n`);
  else
    terminal.err(
      runs.delivered === 0
        ? `no run waits for ${topic}\n`
        : `${topic} reached ${runs.delivered} ${runs.delivered === 1 ? "run" : "runs"}\n`,
    );
  return exitCodes.ok;
}
