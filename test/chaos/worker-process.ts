// A worker in a process of its own, to be harmed: `worker-process.ts <settings as JSON>`. It is the built runner; only its clock
// may be wrong, which no setting of the product allows.
import type * as Door from "../../runner/index.ts";
import { clockVariable, type ClockMessage, type WorkerSettings } from "./worker-settings.ts";

const settings = JSON.parse(process.argv[2] ?? "{}") as WorkerSettings;
// Nothing to work for any more.
process.once("disconnect", () => process.exit(1));
let offsetMs = Number(process.env[clockVariable] ?? "0");
process.on("message", (message: ClockMessage) => {
  offsetMs = message.clockOffsetMs;
});
const clock: Door.Clock = {
  now: () => Date.now() + offsetMs,
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const dueMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = Math.ceil(dueMs - performance.now());
      if (leftMs <= 0) callback();
      else timer = setTimeout(wait, Math.min(leftMs, 1_000_000_000));
    };
    wait();
    return () => clearTimeout(timer);
  },
};
const { openService } = (await import(settings.runner)) as typeof Door;
const service = await openService({
  store: settings.store,
  variables: { LEDGER_URL: settings.ledger, WORKER_NAME: settings.name },
  folder: settings.folder,
  models: { kind: "mock" },
  work: "all",
  transport:
    settings.redis === null
      ? { kind: "polling", concurrency: settings.concurrency }
      : { kind: "redis", url: settings.redis, concurrency: settings.concurrency },
  duties: true,
  version: "chaos",
  healthAt: null,
  clock,
  telemetry: {
    log({ level, message }) {
      if (level !== "debug" && level !== "info") process.stderr.write(`${level} ${message}\n`);
    },
  },
});
process.once("SIGTERM", () => {
  void service.drain({ graceMs: 10_000 }).then(() => process.exit(0));
});
process.stdout.write("ready\n");
