import {
  block,
  call,
  callTool,
  flow,
  name,
  plan,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import type { Runner } from "../../runner/index.ts";

const note = tool({
  reach: { kind: "module", module: "./tools.ts", function: "note", secrets: {} },
  effect: "write",
  idempotency: true,
  restart: true,
});

const steps = ["a", "b", "c", "d", "e", "f"];

/** Steps one after the other, and a pause: there are always runs that work and runs that wait. */
const program = plan({
  tools: { note },
  flows: {
    work: flow(
      "work",
      block(
        steps.map((id, index) =>
          step(id, callTool("note", value(id)), index === 0 ? [] : [steps[index - 1] ?? ""]),
        ),
        name("f"),
      ),
    ),
    pause: flow(
      "pause",
      block(
        [
          step("before", callTool("note", value("before"))),
          step("rest", call({ kind: "sleep" }, { for: value(1_500) }), ["before"]),
          step("after", callTool("note", value("after")), ["rest"]),
        ],
        name("after"),
      ),
    ),
  },
});

export interface StartedRun {
  readonly run: string;
  /** When its start was answered, in milliseconds since 1970. */
  readonly atMs: number;
}

export interface Load {
  readonly started: readonly StartedRun[];
  stop(): Promise<void>;
}

const everyMs = 60;

/** Starts runs until it is stopped, or the store is gone. */
export function startLoad(runner: Runner): Load {
  const started: StartedRun[] = [];
  let stopping = false;
  const work = (async (): Promise<void> => {
    for (let count = 0; !stopping; count += 1) {
      const flowName = count % 4 === 3 ? "pause" : "work";
      const answer = await runner.start({ plan: program, flow: flowName, input: {} });
      if (!answer.ok) throw new Error(`a run was refused: ${answer.message}`);
      started.push({ run: answer.run, atMs: Date.now() });
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  // A start that fails because the store was destroyed is no fault; others are told by `stop`.
  let fault: Error | undefined;
  const ended = work.catch((error: unknown) => {
    if (!stopping) fault = error instanceof Error ? error : new Error(String(error));
  });
  return {
    started,
    async stop() {
      stopping = true;
      await ended;
      if (fault !== undefined) throw fault;
    },
  };
}
