import { expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import { Driver } from "../../test/simulation/drive.ts";
import {
  agent,
  block,
  call,
  callTool,
  flow,
  name,
  plan,
  solo,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import { compileProgram } from "./compile-program.ts";
import { restoreRun } from "./fold.ts";

/** A run in the middle of everything that keeps plain data: an agent, a tool, a loop, rounds, a called flow under limits. */
function busyRun() {
  const program = plan({
    agents: { ask: agent() },
    tools: { t: tool() },
    flows: {
      sub: flow("sub", solo(callTool("t")), { concurrency: { limit: 1 } }),
      main: flow(
        "main",
        block(
          [
            step("asked", call({ kind: "agent", name: "ask" }, { x: value(1) })),
            step("called", call({ kind: "flow", name: "sub" })),
            step("all", {
              kind: "for",
              variable: "i",
              list: value([1, 2]),
              body: solo(callTool("t", name("i"))),
              maxItems: value(5),
              concurrency: value(1),
            }),
            step("rounds", {
              kind: "repeat",
              body: block([step("try", callTool("t"))], name("try")),
              until: value(false),
              maxRounds: value(5),
              exhausted: "keep",
            }),
          ],
          value(null),
        ),
      ),
    },
  });
  const driver = new Driver(program, { flow: "main", answer: () => "never" });
  while (driver.engine.ready(1).length > 0) driver.step();
  const { engine } = driver;
  return { program, snapshot: JSON.parse(JSON.stringify(engine.snapshot())) as SnapshotDocument };
}

interface SnapshotDocument {
  readonly version: number;
  readonly shape: string;
  readonly planHash: string;
  readonly fields: { readonly [name: string]: Json };
  readonly timers: readonly Json[];
  readonly nodes: readonly { readonly type: string; readonly fields: Json }[];
}

it("reads what this version has written", () => {
  const { program, snapshot } = busyRun();
  const code = compileProgram(program);
  const restored = restoreRun(code, snapshot as unknown as Json);
  expect(JSON.stringify(restored?.snapshot())).toBe(JSON.stringify(snapshot));
});

it("leaves snapshots of other versions, forms and plans alone", () => {
  const { program, snapshot } = busyRun();
  const code = compileProgram(program);
  const { shape: _shape, ...first } = snapshot;
  const others = [
    // What the first version wrote: nodes without fields that came later.
    { ...first, version: 1 },
    { ...first },
    { ...snapshot, version: 99 },
    { ...snapshot, shape: "other" },
    { ...snapshot, planHash: "other" },
    null,
    "?",
  ];
  for (const other of others) expect(restoreRun(code, other as unknown as Json)).toBeNull();
});

/** When this fails, raise `version` in `snapshot.ts`: what was written before has other fields. */
it("keeps its form as long as its version", () => {
  const { snapshot } = busyRun();
  const shapes = new Map<string, string>();
  const visit = (part: Json): void => {
    if (part === null || typeof part !== "object") return;
    if (!Array.isArray(part) && "kind" in part) {
      const record: { readonly [field: string]: Json } = part;
      const kind = String(record["kind"]);
      const fields = Object.keys(record).join(" ");
      if (fields.length > (shapes.get(kind)?.length ?? 0)) shapes.set(kind, fields);
    }
    for (const inner of Object.values(part)) visit(inner as Json);
  };
  visit(snapshot as unknown as Json);
  expect({
    version: snapshot.version,
    ...Object.fromEntries(shapes),
  }).toMatchInlineSnapshot(`
    {
      "agent": "kind args callee innerTries outerTries limitMs retryAfterMs cacheKey loaded agent base system messages prompt requests turns repaired arrows calls deeds modelIndex modelTries requestAttempt",
      "call": "kind args callee innerTries outerTries limitMs retryAfterMs cacheKey loaded stubIndex",
      "flow": "path parent children interrupt sweeping ended undo budget timers kind code args ownPath phase readings states appended idle fresh limitKey slotPath priority continuation fellBack error",
      "for": "kind items keys concurrency allowed results failed graph head running done starts",
      "leaf": "path parent children interrupt sweeping ended undo budget timers kind activity callee attempt owner state reserved problem",
      "repeat": "kind maxRounds round last",
      "run.created": "seq atMs kind run planHash flow input environment config trigger continuation",
      "scope": "path parent children interrupt sweeping ended undo budget timers kind code outer run values tasks open waiters race contains item phase kept result",
      "task": "path parent children interrupt sweeping ended undo budget timers kind code scope given phase waiting act queuedFor attempt error retryMs undoes keyName",
      "tool": "kind name",
      "version": 5,
    }
  `);
});
