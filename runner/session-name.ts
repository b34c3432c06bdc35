import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

import type { Machine } from "./ports/machine.ts";

/**
 * A session is named after its process, so that others on the same machine can tell at once that it was killed, instead of
 * waiting for its lease to run out. The place says whose process numbers are meant: containers have their own, and machines may share
 * a name.
 */
export function sessionName(id: string): string {
  return `${place()}/${process.pid}/${id}`;
}

/** True only when the process has certainly ended; a number that another process got since counts as alive. */
export function sessionIsGone(session: string): boolean {
  const parts = session.split("/");
  const pid = Number(parts.at(-2));
  if (parts.slice(0, -2).join("/") !== place() || !Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return hasEnded(pid);
  } catch (error) {
    // Anything but "no such process" means that there is one, which may belong to another user.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/** A killed process keeps its number until its parent asks for it, which the first process of a container may never do. */
function hasEnded(pid: number): boolean {
  try {
    // The state follows the name, which is in parentheses and may contain some itself; Z and X are the dead (proc_pid_stat(5)).
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Null where machines can't be told from each other: who shares a store with others must not judge by numbers of processes there. */
export function thisMachine(): Machine | null {
  return bootId() === null ? null : { prefix: `${place()}/`, isGone: sessionIsGone };
}

function place(): string {
  let space = process.platform as string;
  try {
    space = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Only Linux has such spaces.
  }
  return [hostname(), bootId() ?? "", space].join("/");
}

/** Another one for each start of each machine (random(4)). */
function bootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}
