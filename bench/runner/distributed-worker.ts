// A worker for benchmarks, in a process of its own: `distributed-worker.ts <settings as JSON>`. It says "ready" when it works,
// and on SIGUSR2 what it has used.
import {
  growHeapSlowly,
  openRunner,
  type ModulePort,
  type TransportSettings,
} from "../../runner/index.ts";
import { chainWork } from "./embedded-chains.ts";

// As `agentflow worker` does.
growHeapSlowly();

/** From the start of a run, as its input says, to its first step: in milliseconds. */
let latenciesMs: number[] = [];

const work: ModulePort = {
  ...chainWork,
  call(call, stop) {
    const { x } = call.input as { readonly x: { readonly sentAtMs?: number } };
    if (x.sentAtMs !== undefined)
      latenciesMs.push(performance.timeOrigin + performance.now() - x.sentAtMs);
    return chainWork.call(call, stop);
  },
};

const { store, transport, maxRuns } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly store: string;
  readonly transport: TransportSettings;
  readonly maxRuns: number;
};
const runner = await openRunner({
  store,
  transport,
  maxRuns,
  variables: {},
  folder: "/",
  modules: work,
  work: "all",
  telemetry: {
    log({ level, message }) {
      if (level !== "debug" && level !== "info") process.stderr.write(`${level} ${message}\n`);
    },
  },
});
process.once("SIGTERM", () => void runner.close({ graceMs: 2_000 }).then(() => process.exit(0)));
process.on("SIGUSR2", () => {
  const { user, system } = process.cpuUsage();
  const { rss } = process.memoryUsage();
  const use = { cpuMs: (user + system) / 1_000, rssBytes: rss, latenciesMs };
  latenciesMs = [];
  process.stdout.write(`${JSON.stringify(use)}\n`);
});
process.stdout.write("ready\n");
