import { expect, test } from "vitest";

import { drive, startMs } from "../../test/simulation/drive.ts";
import {
  agent,
  block,
  call,
  flow,
  model,
  name,
  plan,
  step,
  text,
  value,
} from "../../test/simulation/plan-builder.ts";

const minute = 60_000;
const program = plan({
  models: { team: model({ provider: "human", model: "inbox", remindMs: 10 * minute }) },
  agents: {
    boss: agent({ model: "team", prompt: text("May we?"), timeoutMs: value(35 * minute) }),
  },
  flows: {
    main: flow("main", block([step("a", call({ kind: "agent", name: "boss" }, {}))], name("a"))),
  },
});

test("a person is reminded as often as `remind` says, until they are not waited for any more", () => {
  const ignored = drive(program);
  const fired = ignored.events.flatMap((event) =>
    event.kind === "timer.fired" ? [[event.timer, (event.atMs - startMs) / minute]] : [],
  );
  expect(fired).toEqual([
    ["remind", 10],
    ["remind", 20],
    ["remind", 30],
    ["timeout", 35],
  ]);
  expect(ignored.error).toBe("timeout");
  const remind = { kind: "remind", path: "main.a" };
  expect(ignored.effects.filter(({ kind }) => kind === "remind")).toEqual([remind, remind, remind]);
});

test("a reminder survives a crash, ends with the answer, and is no reason to wait", () => {
  const answered = drive(program, {
    crash: (count) => (count % 2 === 0 ? "snapshot" : "refold"),
    meddle: ({ engine }) => {
      if (engine.awaits("main.a"))
        expect(engine.reasonsToWait()).toEqual([{ kind: "person", path: "main.a", agent: "boss" }]);
    },
  });
  expect(answered.events.filter(({ kind }) => kind === "timer.fired").length).toBe(4);
  const prompt = drive(program, {
    meddle: (driver) => {
      if (driver.engine.awaits("main.a") && driver.nowMs > startMs)
        driver.record({ kind: "person.answered", path: "main.a", value: "yes" });
    },
  });
  expect([prompt.status, prompt.output]).toEqual(["succeeded", "yes"]);
  expect(prompt.events.filter(({ kind }) => kind === "timer.fired").length).toBe(1);
});
