// What an operator does from the command line: deployments, schedules, pauses, holds, and retrying many dead letters.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { agentflow, makeProject, startAgentflow } from "./command.ts";

/** Each test runs a dozen commands, one after the other. */
const patience = { timeout: 60_000 };

const nightly = `flow report(day: time) -> time {
  on cron("0 8 * * *") { zone: "Europe/Berlin", input: { day: event.time } }
  output: day
}

flow greet(name: string) -> string {
  on event("people.*") { input: { name: event.data.name } }
  output: name
}
`;

const reportId = "nightly.agentflow/report cron 0 8 * * * Europe/Berlin";

test(
  "programs are deployed under a name, listed with their triggers, and withdrawn",
  patience,
  async () => {
    const folder = makeProject({
      "nightly.agentflow": nightly,
      "bad.agentflow": "flow x(",
      "web.agentflow":
        'flow look() -> bool {\n  on http("GET /look") { auth: "none" }\n  output: true\n}\n',
    });
    const deployed = await agentflow(folder, ["deploy", "nightly.agentflow"]);
    expect(deployed.exitCode).toBe(0);
    expect(deployed.out).toMatch(/^nightly\.agentflow is deployed, edition 1\n/);
    expect(deployed.out).toMatch(/Europe\/Berlin {2}ticks next \d{4}-\d\d-\d\d 08:00 \+0[12]:00\n/);
    expect(deployed.out).toContain("  nightly.agentflow/greet event people.*\n");
    const again = await agentflow(folder, ["deploy", "nightly.agentflow", "--json"]);
    expect(JSON.parse(again.out)).toMatchObject({
      program: "nightly.agentflow",
      schedules: [{ schedule: reportId, nextTickAt: expect.stringMatching(/T0[67]:00:00.000Z$/) }],
      events: ["nightly.agentflow/greet event people.*"],
    });
    const listed = await agentflow(folder, ["deployments", "list", "--json"]);
    expect(JSON.parse(listed.out).deployments).toMatchObject([{ program: "nightly.agentflow" }]);
    const web = await agentflow(folder, ["deploy", "web.agentflow"]);
    expect(web.err).toContain('not served: look on http("GET /look")');
    await agentflow(folder, ["deployments", "withdraw", "web.agentflow"]);
    const broken = await agentflow(folder, ["deploy", "bad.agentflow"]);
    expect(broken).toMatchObject({ exitCode: 1, out: "" });
    expect(broken.err).toContain("bad.agentflow has");
    const environment = await agentflow(folder, ["deploy", "nightly.agentflow", "--env", "x"]);
    expect(environment).toMatchObject({ exitCode: 2, out: "" });
    const emitted = await agentflow(folder, ["emit", "people.new", '{ "name": "Ada" }']);
    expect(emitted.err).toContain("is kept for the trigger nightly.agentflow/greet event people.*");
    const unknown = await agentflow(folder, ["deployments", "withdraw", "nightly"]);
    expect(unknown).toMatchObject({ exitCode: 4 });
    expect(unknown.err).toContain("did you mean nightly.agentflow?");
    expect(await agentflow(folder, ["deployments", "withdraw", "nightly.agentflow"])).toMatchObject(
      {
        exitCode: 0,
      },
    );
    expect((await agentflow(folder, ["schedules", "list"])).err).toBe("no schedule is deployed\n");
  },
);

test("a schedule can be paused, and past ticks get their runs once", patience, async () => {
  const folder = makeProject({ "nightly.agentflow": nightly });
  await agentflow(folder, ["deploy", "nightly.agentflow"]);
  const names = await agentflow(folder, ["schedules", "list", "--ids"]);
  expect(names.out).toBe("report\n");
  await agentflow(folder, ["schedules", "pause", "report"]);
  const paused = await agentflow(folder, ["schedules", "list"]);
  expect(paused.out).toMatch(/report +0 8 \* \* \* +Europe\/Berlin +paused +nightly\.agentflow/);
  expect((await agentflow(folder, ["schedules", "resume", "report"])).err).toContain("goes on");
  const unknown = await agentflow(folder, ["schedules", "pause", "repord"]);
  expect(unknown.exitCode).toBe(4);
  expect(unknown.err).toContain('did you mean "report"?');

  const days = ["--from", "2024-03-30", "--to", "2024-03-31"];
  const backfill = ["schedules", "backfill", "report", ...days];
  const dry = await agentflow(folder, [...backfill, "--dry-run"]);
  // Clocks were put forward in between.
  expect(dry.out).toBe("2024-03-30 08:00 +01:00\n2024-03-31 08:00 +02:00\n");
  expect((await agentflow(folder, ["runs", "list"])).err).toBe("no runs\n");
  const filled = JSON.parse((await agentflow(folder, [...backfill, "--json"])).out);
  expect(filled).toMatchObject({
    schedule: reportId,
    ticks: ["2024-03-30T07:00:00.000Z", "2024-03-31T06:00:00.000Z"],
    runs: [expect.any(String), expect.any(String)],
  });
  expect((await agentflow(folder, backfill)).err).toContain("has its run");
  // They queue one behind the other, as the schedule never overlaps itself.
  const resumed = await agentflow(folder, ["resume", "--json"]);
  expect(JSON.parse(resumed.out).runs).toMatchObject([
    { output: "2024-03-30T07:00:00.000Z", status: "succeeded" },
    { output: "2024-03-31T06:00:00.000Z", status: "succeeded" },
  ]);
  const ticks = await agentflow(folder, ["schedules", "ticks", "report", "--limit", "1"]);
  expect(ticks.out).toMatch(/\n2024-03-31 08:00 \+02:00 +started +01\w+\n$/);
  for (const [words, why] of [
    [[], "say from when"],
    [["--from", "31.3.2024"], "--from can't be `31.3.2024`"],
    [["--from", "2999-01-01"], "--from is in the future"],
    [["--from", "2024-03-31", "--to", "2024-03-30"], "is later than"],
  ] as const) {
    const wrong = await agentflow(folder, ["schedules", "backfill", "report", ...words]);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.err).toContain(why);
  }
});

const sleeper = `flow nap() -> bool {
  concurrency: 1
  timeout: 1d
  step rest = sleep(1h)
  output: true
}
`;

test(
  "a run is paused by another process, and a second start can be told to wait or to be skipped",
  patience,
  async () => {
    const folder = makeProject({ "nap.agentflow": sleeper });
    const running = startAgentflow(folder, ["run", "nap.agentflow"]);
    await running.says("nap.rest");
    const skipped = await agentflow(folder, ["run", "nap.agentflow", "--overlap", "skip"]);
    expect(skipped).toMatchObject({ exitCode: 4, out: "" });
    expect(skipped.err).toContain("waits for sleep of nap.rest");
    expect(skipped.err).toContain("--overlap queue");
    const paused = await agentflow(folder, ["pause", "last", "--json"]);
    expect(JSON.parse(paused.out)).toMatchObject({ status: "paused" });
    expect(await running.ended).toMatchObject({ exitCode: 3 });
    await agentflow(folder, ["cancel", "last"]);
    expect(await agentflow(folder, ["pause", "last"])).toMatchObject({ exitCode: 4 });
  },
);

test("runs of a held flow stand still and say so, until the hold is lifted", patience, async () => {
  const folder = makeProject({ "nightly.agentflow": nightly });
  await agentflow(folder, ["deploy", "nightly.agentflow"]);
  expect(await agentflow(folder, ["hold"])).toMatchObject({ exitCode: 2 });
  expect((await agentflow(folder, ["hold", "gret"])).err).toContain("did you mean greet?");
  await agentflow(folder, ["lift", "gret"]);
  const held = await agentflow(folder, ["hold", "greet", "--reason", "the shop is closed"]);
  expect(held).toMatchObject({ exitCode: 0, out: "" });
  expect(held.err).not.toContain("note");
  expect((await agentflow(folder, ["holds"])).out).toMatch(/greet .* the shop is closed\n$/);
  const running = startAgentflow(folder, ["run", "nightly.agentflow#greet", "--name", "Ada"]);
  await running.says("flow greet is held (the shop is closed)");
  expect(await agentflow(folder, ["lift", "--all"])).toMatchObject({ exitCode: 4 });
  expect(await agentflow(folder, ["lift", "greet"])).toMatchObject({ exitCode: 0 });
  expect(await running.ended).toMatchObject({ exitCode: 0, out: "Ada\n" });
});

const shaky = `tool send(line: string) -> trusted string {
  module: "./send.mjs#send"
  effect: "read"
  errors: ["mail_down"]
}

flow mail(line: string) -> string {
  deadLetter: "mails"
  step sent = send(line)
  output: sent
}
`;

const sendModule = `import { existsSync } from "node:fs";
export function send({ line }) {
  if (existsSync(\`down-\${line}\`)) throw Object.assign(new Error("no answer"), { code: "mail_down" });
  return line;
}
`;

test("many dead letters are retried: a few first, then the rest, each once", patience, async () => {
  const lines = ["a", "b", "c"];
  const down = Object.fromEntries(lines.map((line) => [`down-${line}`, ""]));
  const folder = makeProject({ "mail.agentflow": shaky, "send.mjs": sendModule, ...down });
  for (const line of lines)
    expect(await agentflow(folder, ["run", "mail.agentflow", "--line", line])).toMatchObject({
      exitCode: 1,
    });
  for (const [words, why] of [
    [[], "say which dead letters"],
    [["--all", "--queue", "mails"], "--all and --queue"],
    [["--all", "--rate", "fast"], "--rate can't be `fast`"],
    [["--all", "--input", "x.json"], "--input is for one dead letter"],
    [["01abc", "--canary", "2"], "--canary is for many"],
  ] as const) {
    const wrong = await agentflow(folder, ["dead-letters", "retry", ...words]);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.err).toContain(why);
  }
  const listed = await agentflow(folder, ["dead-letters", "list", "--code", "mail_down", "--ids"]);
  expect(listed.out.trim().split("\n")).toHaveLength(3);
  const others = await agentflow(folder, ["dead-letters", "list", "--flow", "other"]);
  expect(others.err).toBe("no open dead letters\n");
  const none = await agentflow(folder, ["dead-letters", "retry", "--code", "timeout"]);
  expect(none).toMatchObject({ exitCode: 0, err: "no open dead letter fits\n" });
  const canary = ["dead-letters", "retry", "--code", "mail_down", "--canary", "1"];
  const again = await agentflow(folder, canary);
  expect(again.exitCode).toBe(1);
  expect(again.err).toContain("stopped: of the 1 tried first");
  expect(again.err).toContain("3 dead letters: 1 failed, 2 left alone\n");
  for (const line of lines) rmSync(join(folder, `down-${line}`));
  const rest = await agentflow(folder, [...canary, "--rate", "20/s"]);
  expect(rest.exitCode).toBe(0);
  expect(rest.err).toMatch(/\[3\/3\] \S+ goes on as run/);
  expect(rest.err).toContain("3 dead letters: 3 succeeded\n");
  expect((await agentflow(folder, ["dead-letters", "list"])).err).toBe("no open dead letters\n");
});

test(
  "Ctrl-C retries no more and leaves every letter either retried or open",
  patience,
  async () => {
    const lines = ["a", "b", "c"];
    const folder = makeProject({ "mail.agentflow": shaky, "send.mjs": sendModule });
    for (const line of lines) {
      writeFileSync(join(folder, `down-${line}`), "");
      await agentflow(folder, ["run", "mail.agentflow", "--line", line]);
      rmSync(join(folder, `down-${line}`));
    }
    const slowly = ["dead-letters", "retry", "--queue", "mails", "--rate", "1/min"];
    const retrying = startAgentflow(folder, slowly);
    await retrying.says("[1/3]");
    retrying.process.kill("SIGINT");
    const ended = await retrying.ended;
    expect(ended.exitCode).toBe(130);
    expect(ended.err).toContain("3 dead letters: 1 succeeded, 2 left alone\n");
    const open = await agentflow(folder, ["dead-letters", "list", "--ids"]);
    expect(open.out.trim().split("\n")).toHaveLength(2);
    const limited = await agentflow(folder, [
      "dead-letters",
      "retry",
      "--all",
      "--limit",
      "1",
      "--json",
    ]);
    expect(JSON.parse(limited.out)).toMatchObject({
      matching: 1,
      retried: [{ status: "succeeded" }],
      refused: [],
      stopped: null,
    });
  },
);
