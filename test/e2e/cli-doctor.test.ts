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

test("settings are shown as they hold, with where they come from and without passwords", async () => {
  const folder = makeProject({
    "agentflow.config.yaml": "redis:\n  url: ${REDIS}\nworker:\n  concurrency: 7\n",
  });
  const variables = { REDIS: "redis://me:s3cret@r:6379", AGENTFLOW_STORE: "x.db" };
  const { out, exitCode } = await agentflow(folder, ["doctor"], { variables });
  expect(exitCode).toBe(0);
  expect(out).not.toContain("s3cret");
  const rows = out.split("\n").map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(["redis.url", "redis://me:***@r:6379", "agentflow.config.yaml:2"]);
  expect(rows).toContainEqual(["worker.concurrency", "7", "agentflow.config.yaml:4"]);
  expect(rows).toContainEqual(["store.url", "x.db", "AGENTFLOW_STORE"]);
  expect(rows).toContainEqual(["log.level", "info", "default"]);
});

test("settings that can't be used are broken, one finding each", async () => {
  const folder = makeProject({
    "agentflow.config.yaml": "worker:\n  concurency: 7\nlog: { level: loud }\n",
  });
  const report = await examine(folder);
  expect(report).toMatchObject({ healthy: false, exitCode: 1 });
  expect(
    report.findings.filter(({ subject }) => subject === "settings").map(({ state }) => state),
  ).toEqual(["broken", "broken"]);
});
