import { spawn } from "node:child_process";
import { Socket } from "node:net";

/**
 * Runs a shell script when this process is gone, however it ended: its end of a pipe closes with it. Gives the way to call it off.
 */
export function runAtEnd(script: string, ...args: readonly string[]): () => void {
  const guard = spawn("sh", ["-c", `cat >/dev/null; ${script}`, "sh", ...args], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  const { stdin } = guard;
  if (stdin instanceof Socket) stdin.unref();
  stdin.on("error", () => {});
  return () => void guard.kill("SIGKILL");
}
