import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./free-port.ts";
import { runAtEnd } from "./run-at-end.ts";

export interface PrivateRedis {
  /** As `redis://127.0.0.1:41234`. */
  readonly url: string;
  /** Ends the server and removes its folder; a server that was given stays. */
  readonly stop: () => Promise<void>;
}

/** Harm for a server, to see what becomes of those who use it. */
export interface RedisChaos {
  /** Ends the server as if its machine had lost power; nothing that it held comes back. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port, empty. */
  readonly revive: () => Promise<void>;
  /** Stops its process: connections stay open and nothing answers. */
  readonly freeze: () => void;
  readonly thaw: () => void;
}

const readyTimeoutMs = 10_000;

/**
 * A Redis of one's own, with nothing in it and nothing kept: on a free port, in a temporary folder. The server
 * of `REDIS_URL` is used instead where there is one; the default port of this machine never is, because
 * somebody's data may be there. Debian's package is installed if the program is missing and we may.
 *
 * @throws Error that says what to install.
 */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const given = process.env["REDIS_URL"];
  if (given !== undefined && given !== "") return { url: given, stop: async () => {} };

  return startOwnRedis();
}

/** The same, but always a server of one's own, which may be harmed. */
export async function startOwnRedis(): Promise<PrivateRedis & { readonly chaos: RedisChaos }> {
  installIfMissing();
  const folder = mkdtempSync(join(tmpdir(), "agentflow-redis-"));
  const port = await freePort();
  let server = await launch(folder, port);
  // A test that is killed must not leave a server behind.
  const end = (): void => void server.kill("SIGKILL");
  process.once("exit", end);
  const endWith = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill(signal);
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      process.off("exit", end);
      // One that stands still hears of nothing but its end.
      server.kill("SIGCONT");
      await endWith("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
    chaos: {
      kill: () => endWith("SIGKILL"),
      revive: async () => {
        server = await launch(folder, port);
      },
      freeze: () => void server.kill("SIGSTOP"),
      thaw: () => void server.kill("SIGCONT"),
    },
  };
}

async function launch(folder: string, port: number): Promise<ChildProcess> {
  const settings = ["--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", ["--port", String(port), ...settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Also when this process is killed.
  const spare = runAtEnd('kill -9 "$1"; rm -rf "$2"', String(server.pid), folder);
  server.once("exit", spare);
  try {
    await ready(server, port);
    return server;
  } catch (error) {
    server.kill("SIGKILL");
    throw error;
  }
}

function installIfMissing(): void {
  if (hasProgram("redis-server")) return;
  if (process.getuid?.() === 0 && hasProgram("apt-get")) {
    aptGet("update", "-q");
    aptGet("install", "-qy", "--no-install-recommends", "redis-server");
    if (hasProgram("redis-server")) return;
  }
  throw new Error(
    "redis-server is not installed. Install it (Debian and Ubuntu: apt-get install redis-server, " +
      "macOS: brew install redis), or set REDIS_URL to a server that holds nothing you need.",
  );
}

function aptGet(...options: string[]): void {
  execFileSync("apt-get", options, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

function hasProgram(name: string): boolean {
  return spawnSync(name, ["--version"], { stdio: "ignore" }).error === undefined;
}

/** Waits until the server answers, watching for its early end, which has the reason in its output. */
async function ready(server: ChildProcess, port: number): Promise<void> {
  let output = "";
  server.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = once(server, "exit").then(() => {
    throw new Error(`redis-server ended before it was ready:\n${output}`);
  });
  const deadline = performance.now() + readyTimeoutMs;
  const answers = async (): Promise<void> => {
    while (!(await answersPing(port))) {
      if (performance.now() > deadline) {
        throw new Error(`redis-server was not ready after ${readyTimeoutMs} ms:\n${output}`);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
  };
  await Promise.race([answers(), ended]);
  // Its end is no fault any more once it was ready.
  ended.catch(() => {});
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("data", (chunk) => settle(chunk.toString().startsWith("+PONG")));
    socket.on("error", () => settle(false));
  });
}
