import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createColors } from "picocolors";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";

import { reportFault } from "./report-fault.ts";
import type { Terminal } from "./terminal.ts";
import { UserMistake } from "./user-mistake.ts";

function scene(): {
  readonly terminal: Terminal;
  readonly text: () => { out: string; err: string };
} {
  let out = "";
  let err = "";
  const colors = createColors(false);
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    outColors: colors,
    errColors: colors,
    live: false,
    interactive: false,
    outColumns: () => null,
    size: () => ({ columns: 80, rows: 24 }),
    onResize: () => () => undefined,
  };
  return { terminal, text: () => ({ out, err }) };
}

// Where the details of a fault are kept.
const scratch = mkdtempSync(join(tmpdir(), "agentflow-faults-"));
beforeEach(() => void vi.stubEnv("TMPDIR", scratch));
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => rmSync(scratch, { recursive: true }));

const environment = { variables: {}, folder: "/project", home: "/home/ada" };

test("a mistake of the user has no stack; as JSON it goes to standard output", async () => {
  const mistake = new UserMistake("no such flow", { hints: ["did you mean f?"] });
  const plain = scene();
  expect(
    await reportFault(mistake, {
      terminal: plain.terminal,
      environment,
      json: false,
      debug: false,
      words: ["run"],
    }),
  ).toBe(2);
  expect(plain.text()).toEqual({ out: "", err: "error: no such flow\n  did you mean f?\n" });
  const json = scene();
  await reportFault(mistake, {
    terminal: json.terminal,
    environment,
    json: true,
    debug: false,
    words: ["run"],
  });
  expect(JSON.parse(json.text().out)).toEqual({
    error: { code: "usage", message: "no such flow", hints: ["did you mean f?"] },
  });
});

test("a fault of agentflow asks for a report and keeps the details in a file, without parameters", async () => {
  const { terminal, text } = scene();
  const words = ["run", "a.agentflow", "--password", "secret words"];
  expect(
    await reportFault(new Error("odd"), {
      terminal,
      environment,
      json: false,
      debug: false,
      words,
    }),
  ).toBe(70);
  const { err } = text();
  expect(err).toContain("internal error: odd\n  This is a fault of agentflow");
  const path = /The details are in (.*)\./.exec(err)?.[1] ?? "";
  const details = readFileSync(path, "utf8");
  expect(details).toContain("command: run\n");
  expect(details).toContain("report-fault.test.ts");
  expect(details).not.toContain("secret");
});

test("--debug prints the details, and what the file system refuses is a mistake", async () => {
  const debug = scene();
  await reportFault(new Error("odd"), {
    terminal: debug.terminal,
    environment,
    json: false,
    debug: true,
    words: ["run"],
  });
  expect(debug.text().err).toContain("    at ");
  const missing = scene();
  const error = Object.assign(new Error("ENOENT"), { code: "ENOENT", path: "x.json" });
  expect(
    await reportFault(error, {
      terminal: missing.terminal,
      environment,
      json: false,
      debug: false,
      words: ["run"],
    }),
  ).toBe(2);
  expect(missing.text().err).toBe("error: there is no file x.json\n");
});

test.each([
  ["ENOTDIR", "can't be reached or made: a part of it is a file, not a folder"],
  ["EEXIST", "can't be reached or made: a part of it is a file, not a folder"],
  ["ENAMETOOLONG", "can't be opened: the name is too long"],
  ["ELOOP", "can't be opened: its symbolic links lead in a circle"],
])("%s of the file system is for the user to mend", async (code, message) => {
  const { terminal, text } = scene();
  const error = Object.assign(new Error(code), { code, path: "a/b" });
  const report = { terminal, environment, json: false, debug: false, words: ["check"] };
  expect(await reportFault(error, report)).toBe(2);
  expect(text().err).toBe(`error: a/b ${message}\n`);
});

test("with --json a fault of agentflow is one document as well", async () => {
  const { terminal, text } = scene();
  const report = {
    terminal,
    environment,
    json: true,
    debug: false,
    words: ["runs", "list", "--json"],
  };
  expect(await reportFault(new Error("odd"), report)).toBe(70);
  expect(JSON.parse(text().out)).toMatchObject({ error: { code: "internal", message: "odd" } });
  expect(text().err).toBe("");
});
