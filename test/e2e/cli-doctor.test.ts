// doctor, completion and version, driven as processes.

import { expect, test } from "vitest";

import { agentflow, makeProject } from "./command.ts";

const program = `config { crmUrl: url, crmKey: secret, region: string = "eu" }
model fast { use: "openai/gpt-5-mini" }

tool look(id: string) -> string {
  http: "GET \${config.crmUrl}/\${config.region}"
  auth: { bearer: config.crmKey }
}

flow f(id: string) -> string {
  step found = look(id)
  output: found
}
`;

interface Report {
  readonly healthy: boolean;
  readonly findings: readonly {
    readonly state: string;
    readonly subject: string;
    readonly message: string;
  }[];
}

async function examine(
  folder: string,
  variables: { readonly [name: string]: string } = {},
): Promise<Report & { exitCode: number }> {
  const { out, exitCode } = await agentflow(folder, ["doctor", "--json"], { variables });
  return { ...(JSON.parse(out) as Report), exitCode };
}

test("a project without a store is healthy, and what its config lacks is named", async () => {
  const folder = makeProject({ "a.agentflow": program });
  const report = await examine(folder);
  expect(report).toMatchObject({ healthy: true, exitCode: 0 });
  expect(report.findings.find(({ subject }) => subject === "config")?.message).toBe(
    "without a value: crmKey (CRM_KEY), crmUrl (CRM_URL)",
  );
  const given = await examine(folder, {
    CRM_URL: "https://crm.example",
    CRM_KEY: "k",
    OPENAI_API_KEY: "k",
  });
  expect(given.findings.map(({ state }) => state)).not.toContain("advice");
});

test("a program with errors and a store that is none are broken", async () => {
  const folder = makeProject({
    "a.agentflow": program.replace("look(id)", "lok(id)"),
    ".agentflow/agentflow.db":
      "this is no database, only some text that is long enough to be looked at",
  });
  const report = await examine(folder);
  expect(report).toMatchObject({ healthy: false, exitCode: 1 });
  const broken = report.findings
    .filter(({ state }) => state === "broken")
    .map(({ subject }) => subject);
  expect(broken).toEqual(["store", "programs"]);
  const run = await agentflow(folder, ["runs", "list"]);
  expect(run.exitCode).toBe(4);
  expect(run.err).not.toContain("    at ");
});

test("the store of a project is opened and examined", async () => {
  const folder = makeProject({
    "hello.agentflow":
      'model m { use: "mock/x" }\nagent a(name: string) -> string {\n  model: m\n  prompt: "${name}"\n}\nflow f(name: string) -> string {\n  step x = a(name)\n  output: x\n}\n',
  });
  expect(
    (await agentflow(folder, ["run", "hello.agentflow", "--name", "x", "--quiet"])).exitCode,
  ).toBe(0);
  const report = await examine(folder);
  expect(report.findings.find(({ subject }) => subject === "runs")?.message).toBe(
    "0 unfinished, each says why it waits",
  );
});

test("version and completion", async () => {
  const folder = makeProject({ "a.agentflow": program });
  const version = await agentflow(folder, ["version", "--json"]);
  expect(JSON.parse(version.out)).toMatchObject({
    node: process.versions.node,
    plan: "agentflow.plan 1",
  });
  const completion = await agentflow(folder, ["completion", "fihs"]);
  expect(completion.err).toContain("did you mean fish?");
});
