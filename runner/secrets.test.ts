import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import type { Expression } from "../plan/expression.ts";
import type { Plan } from "../plan/plan.ts";
import {
  agent,
  block,
  call,
  callTool,
  flow,
  model,
  name,
  plan,
  step,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { openRunner } from "./index.ts";

const config = (text: string): Expression => ({ op: "config", name: text });

test("no secret is found in the store, in events, in errors or in logs, although everybody echoes it", async () => {
  const canaries = {
    KEY: "canary-3f9a1c-key",
    MODEL_KEY: "canary-77b2d0-model",
    MODULE_KEY: "canary-e01f55-module",
  };
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(String(request.headers.authorization));
    response.writeHead(400, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ error: { message: `bad credentials ${request.headers.authorization}` } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), "agentflow-secrets-"));
  const program = programAt(base);
  const said: string[] = [];
  const runner = await openRunner({
    store: join(folder, "store.db"),
    variables: canaries,
    folder: fileURLToPath(new URL("./fixtures", import.meta.url)),
    telemetry: { log: (record) => said.push(JSON.stringify(record)) },
  });
  for (const id of ["one", "two", "three"]) {
    const started = await runner.start({ plan: program, flow: id, input: {} });
    if (!started.ok) throw new Error(started.message);
    said.push(
      JSON.stringify(await runner.wait(started.run)),
      JSON.stringify(await runner.events(started.run)),
    );
  }
  const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), "latin1"));
  await runner.close();
  server.close().closeAllConnections();
  rmSync(folder, { recursive: true, force: true });

  expect(seen).toEqual([`Bearer ${canaries.KEY}`, `Bearer ${canaries.MODEL_KEY}`]);
  expect(said.join("\n")).toContain("bad credentials");
  for (const canary of Object.values(canaries)) {
    for (const form of [canary, Buffer.from(canary).toString("base64").replace(/=+$/, "")]) {
      expect([...said, ...files].filter((text) => text.includes(form)).length, form).toBe(0);
    }
  }
});

/** Three flows, each of which hands one secret to somebody who gives it back in an error. */
function programAt(base: string): Plan {
  const secret = (variable: string) => ({ schema: "any", secret: true, variable });
  return plan({
    config: { key: secret("KEY"), modelKey: secret("MODEL_KEY"), moduleKey: secret("MODULE_KEY") },
    models: {
      fast: model({ provider: "openai", apiKey: config("modelKey"), baseUrl: value(`${base}/v1`) }),
    },
    agents: { writer: agent({}) },
    tools: {
      http: tool({
        reach: {
          kind: "http",
          method: "POST",
          url: value(`${base}/x`),
          inUrl: [],
          auth: { kind: "bearer", token: config("key") },
        },
      }),
      module: tool({
        reach: {
          kind: "module",
          module: "./tools.ts",
          function: "leakSecret",
          secrets: { key: config("moduleKey") },
        },
      }),
    },
    flows: {
      one: flow("one", block([step("a", callTool("http"))], name("a"))),
      two: flow("two", block([step("a", callTool("module"))], name("a"))),
      three: flow(
        "three",
        block([step("a", call({ kind: "agent", name: "writer" }, { x: value(1) }))], name("a")),
      ),
    },
  });
}
