import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

import { expect, test, vi } from "vitest";

import { sessionIsGone, sessionName, thisMachine } from "./session-name.ts";

function sessionOf(pid: number): string {
  return sessionName("s").replace(`/${process.pid}/`, `/${pid}/`);
}

test("a session lives as long as its process; one of another place is never called gone", () => {
  expect(sessionIsGone(sessionName("s"))).toBe(false);
  expect(sessionIsGone(sessionOf(2 ** 30))).toBe(true);
  expect(sessionIsGone(`elsewhere/linux/${2 ** 30}/s`)).toBe(false);
});

test.runIf(process.platform === "linux")(
  "a machine that only has the same name is another one",
  () => {
    const mine = sessionOf(2 ** 30);
    const machine = thisMachine();
    expect(mine.startsWith(machine?.prefix ?? "nothing")).toBe(true);
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const other = mine.replace(bootId, "00000000-0000-4000-8000-000000000000");
    expect([mine, other].map((session) => machine?.isGone(session))).toEqual([true, false]);
  },
);

test.runIf(process.platform === "linux")(
  "a process that was killed and that nobody has asked for since is gone",
  async () => {
    // `sleep` gets a child that it does not know, and so never asks what became of it. The child ends when its input does, which is
    // after the shell, who would ask, has gone.
    const parent = spawn("sh", ["-c", "exec 3<&0; cat <&3 & echo $!; exec sleep 60"]);
    try {
      const pid = await new Promise<number>((resolve) =>
        parent.stdout.once("data", (text: Buffer) => resolve(Number(text.toString()))),
      );
      await vi.waitFor(() =>
        expect(readFileSync(`/proc/${parent.pid}/comm`, "utf8")).toBe("sleep\n"),
      );
      parent.stdin.end();
      await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") Z "));
      expect(sessionIsGone(sessionOf(pid))).toBe(true);
    } finally {
      parent.kill();
    }
  },
);
