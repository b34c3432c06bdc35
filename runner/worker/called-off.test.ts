import { expect, test } from "vitest";

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
import { openRunner } from "../index.ts";

test("what is begun and called off in one turn is not done at all", async () => {
  const calls: string[] = [];
  const program = plan({
    tools: { t: tool({ effect: "send" }) },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("r", {
              kind: "race",
              body: block([
                step("slow", callTool("t", value("slow"))),
                step("quick", call({ kind: "emit" }, { topic: value("x"), data: value(1) })),
              ]),
            }),
            step("after", callTool("t", value("after")), ["r"]),
          ],
          name("after"),
        ),
      ),
    },
  });
  const runner = await openRunner({
    store: null,
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    modules: {
      call: async ({ idempotencyKey }) => {
        calls.push(idempotencyKey.split(".").at(-1) ?? "");
        return { ok: true, value: 1 };
      },
      check: async () => null,
      close: async () => {},
    },
  });
  const started = await runner.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  expect(await runner.wait(started.run)).toMatchObject({ status: "succeeded" });
  expect(calls).toEqual(["after"]);
  const events = await runner.events(started.run);
  expect(events.filter(({ kind }) => kind === "activity.failed")).toMatchObject([
    { path: "main.r.slow", code: "cancelled" },
  ]);
  await runner.close();
});
