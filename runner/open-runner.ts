import { sha256Steps } from "../base/sha256.ts";
import { sortableIds } from "../base/sortable-id.ts";
import { EmbeddedRunner, type RunnerParts } from "./embedded-runner.ts";
import { readMockScript } from "./models/mock-script.ts";
import { mockProvider, type MockOptions } from "./models/mock-provider.ts";
import { modelRegistry } from "./models/model-registry.ts";
import { openaiProvider } from "./models/openai-provider.ts";
import { openTransport } from "./open-transport.ts";
import { createPeopleDesk } from "./people-desk.ts";
import type { Clock } from "./ports/clock.ts";
import type { Files } from "./ports/files.ts";
import type { People } from "./ports/people.ts";
import type { Store } from "./ports/store.ts";
import { patiently } from "./ports/patiently.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { Transport } from "./ports/transport.ts";
import { Programs, type ProgramParts } from "./programs.ts";
import { RunForker } from "./run-forker.ts";
import { QueueDepth } from "./queue-depth.ts";
import { RunStarter } from "./run-starter.ts";
import { createRunViews } from "./run-views.ts";
import { RunWatch } from "./run-watch.ts";
import type { OperatedRunner } from "./operations-api.ts";
import { RunnerOperations } from "./runner-operations.ts";
import type { RunnerOptions } from "./runner-options.ts";
import { sessionIsGone, sessionName, thisMachine } from "./session-name.ts";
import { defaultMaxValueBytes } from "./steps/unkeepable.ts";
import { systemClock } from "./system-clock.ts";
import { systemRandom } from "./system-randomness.ts";
import { httpTool } from "./tools/http-tool.ts";
import { moduleTool } from "./tools/module-tool.ts";
import { mockPeople } from "./models/mock-people.ts";
import { embeddingLimits } from "./worker/embedding-limits.ts";
import { createLimits, type Limits } from "./worker/limits.ts";
import { inTurns } from "./ports/in-turns.ts";
import { ValueTooLarge } from "./ports/value-too-large.ts";
import { Worker } from "./worker/worker.ts";
import type { WorkerHost } from "./worker/worker-host.ts";

/**
 * Opens the runner that lives in this process.
 *
 * @throws StoreError when the store can't be opened; TransportError when Redis does not suit; TypeError when the script of the mock model can't be read.
 */
export async function openRunner(options: RunnerOptions): Promise<OperatedRunner> {
  const { clock = systemClock, random = systemRandom, telemetry = { log: () => {} } } = options;
  const newId = sortableIds({
    now: () => Math.floor(clock.now()),
    randomBytes: (count) => random.bytes(count),
  });
  const given = options.store;
  const ownsStore = typeof given === "string" || given === null;
  const store = ownsStore ? await openStore(given, clock, telemetry) : given;
  const { maxValueBytes = defaultMaxValueBytes } = options;
  const files = filesOf(store, clock, maxValueBytes);
  const modules = options.modules ?? moduleTool({ files, telemetry });
  const session = sessionName(newId());
  const limits = limitsOf(options, { store, clock, telemetry, session });
  const passEmbedding = embeddingLimits(limits, clock);
  const programs = new Programs(
    programParts(options, { clock, files, modules, store, passEmbedding }),
  );
  const mocked = options.models?.kind === "mock";
  const { folder } = options;
  const worker = (): Worker => live.worker;
  const queueDepth =
    options.maxQueued === undefined
      ? null
      : new QueueDepth({ store, clock, limit: options.maxQueued });
  const ways = { worker, folder, mocked, queueDepth, maxValueBytes };
  const starter = new RunStarter({ store, clock, newId, programs, ...ways });
  const transport = await openTransport(options.transport ?? { kind: "in-process" }, {
    store,
    clock,
    random,
    telemetry,
    name: session,
  });
  const ground = { store, clock, telemetry, newId, programs, starter, session, transport, limits };
  const live = connect(options, ground);
  await live.worker.open();
  const views = createRunViews(store, programs, clock);
  const operations = new RunnerOperations({
    store,
    clock,
    telemetry,
    newId,
    starter,
    folder,
    mocked,
    retention: options.retention,
    queueDepth,
    runner: () => runner,
    notify(run) {
      live.worker.adopt(run);
      live.worker.attend(run);
    },
  });
  const forker = new RunForker({ store, programs, starter });
  const made = { forker, newId, starter, modules, views, operations };
  const own = { store, ownsStore, clock, maxValueBytes, ...made };
  const runner = new EmbeddedRunner({ ...own, ...live });
  return runner;
}

interface Ground {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly newId: () => string;
  readonly programs: Programs;
  readonly starter: RunStarter;
  readonly session: string;
  readonly transport: Transport;
  readonly limits: Limits;
}

function limitsOf(
  options: RunnerOptions,
  { store, clock, telemetry, session }: Pick<Ground, "store" | "clock" | "telemetry" | "session">,
): Limits {
  const onFault = faultLog(telemetry);
  return createLimits(clock, {
    shared: { permits: store.permits, session: () => session, onFault },
    modelCalls: options.maxModelCalls ?? null,
  });
}

function faultLog(telemetry: Telemetry): (error: unknown) => void {
  return (error) => {
    const message = error instanceof Error ? error.message : String(error);
    telemetry.log({ level: "error", message });
  };
}

type Live = Pick<RunnerParts, "session" | "breakers" | "worker" | "transport" | "watch" | "desk">;

/** Ties those that tell each other what happens: the worker, its transport, the watchers, and whoever asks people. */
function connect(options: RunnerOptions, ground: Ground): Live {
  const { store, clock, telemetry, newId, programs, starter, session, transport, limits } = ground;
  const onFault = faultLog(telemetry);
  const watch = new RunWatch({ store, clock, onFault });
  const settled: WorkerHost["settled"] = (run, ended) => watch.changed(run, ended);
  const desk = createPeopleDesk({
    people: peopleOf(options),
    async answer({ run, path }, value) {
      await store.deliver({ id: newId(), run, atMs: clock.now(), kind: "answer", path, value });
      worker.attend(run);
    },
    openTasks: (run) => store.tasks(run),
    onReminder: ({ run, path, agent }) =>
      telemetry.log({
        level: "info",
        message: `${agent} was reminded: run ${run} waits for an answer at ${path}`,
        fields: { run, path, agent },
      }),
    left: settled,
    onFault: (run, error) => {
      onFault(error);
      settled(run);
    },
  });
  const host: WorkerHost = {
    store,
    clock,
    telemetry,
    newId,
    limits,
    compile: (planHash) => programs.compile(planHash),
    load: (run) => programs.load(run),
    nextRun: (from) => starter.nextRun(from),
    appended(run, events, machine, deadLetters) {
      watch.appended(run, events);
      telemetry.appended?.({ run, flow: machine.flow, events, deadLetters });
    },
    settled,
    asked: desk.ask,
    withdrawn: desk.withdraw,
    reminded: (run, path) => void desk.remind(run, path),
    notify(run) {
      transport.notify(run);
      // Its owner may be another process.
      if (transport.handsOut) transport.cancelHint(run);
    },
    slotsFreed: transport.handsOut ? () => transport.nudge() : () => void worker.poll(),
  };
  const { maxRuns = 1_000, work = options.takeOver === true ? "all" : "own" } = options;
  const [takeOver, idle] = [work === "all", work === "none"];
  const worker = new Worker({ host, transport, session, maxRuns, takeOver, idle, onFault });
  const breakers = (): ReturnType<typeof limits.breakers> => limits.breakers();
  return { session, breakers, worker, transport, watch, desk };
}

function programParts(
  options: RunnerOptions,
  ground: Pick<ProgramParts, "clock" | "files" | "modules" | "store" | "passEmbedding">,
): ProgramParts {
  const { variables, folder, models, maxValueBytes = defaultMaxValueBytes } = options;
  const { clock, files } = ground;
  const now = (): number => clock.now();
  const apiKey = variables["OPENAI_API_KEY"];
  const baseUrl = variables["OPENAI_BASE_URL"];
  return {
    ...ground,
    variables,
    folder,
    maxValueBytes,
    http: httpTool({ now, maxResponseBytes: maxValueBytes }),
    mockModels: mockProvider({ clock, seed: "1", ...mockSettings(models) }),
    realModels: modelRegistry({
      openai: openaiProvider({ files, now, apiKey, baseUrl }),
      mock: mockProvider({ clock, seed: "1" }),
    }),
  };
}

async function openStore(path: string | null, clock: Clock, telemetry: Telemetry): Promise<Store> {
  const onFlush = (writes: number): void => telemetry.flushed?.(writes);
  if (path !== null && /^postgres(ql)?:\/\//.test(path)) {
    const { openPostgresStore } = await import("./store/postgres/open-postgres-store.ts");
    return openPostgresStore({ url: path, machine: thisMachine(), onFlush });
  }
  const { openWhenFree } = await import("./store/open-when-free.ts");
  const now = (): number => clock.now();
  const options = { path: path ?? ":memory:", now, isGone: sessionIsGone, onFlush };
  return openWhenFree(options, clock);
}

/** What is under way is stopped after that anyway, because it can't be sure of its lease any more. In milliseconds. */
const filePatienceMs = 10_000;

function filesOf(store: Store, clock: Clock, maxValueBytes: number): Files {
  const ask = <T>(question: () => Promise<T>): Promise<T> => {
    const untilMs = clock.monotonic() + filePatienceMs;
    return patiently(question, { clock, isOver: () => clock.monotonic() >= untilMs });
  };
  return {
    read: async (hash) => (await ask(() => store.readFile(hash))) ?? undefined,
    async write({ name, mime, bytes }) {
      if (bytes.length > maxValueBytes)
        throw new ValueTooLarge(`the file ${name} has more than ${maxValueBytes} bytes`);
      const hash = await inTurns(sha256Steps(bytes), clock);
      await ask(() => store.writeFile(hash, bytes));
      return { name, mime, size: bytes.length, sha256: hash };
    },
  };
}

function mockSettings(models: RunnerOptions["models"]): Partial<MockOptions> {
  if (models?.kind !== "mock") return {};
  const { seed = "1", latencyMs } = models;
  const settings = { seed, ...(latencyMs === undefined ? {} : { latencyMs }) };
  if (models.script === undefined) return settings;
  const read = readMockScript(models.script);
  if ("script" in read) return { ...settings, script: read.script };
  throw new TypeError(`the script of the mock model can't be used: ${read.problem}`);
}

function peopleOf({ models, people }: RunnerOptions): People | undefined {
  if (models?.kind === "mock" && models.people === true)
    return mockPeople({ seed: models.seed ?? "1" });
  return people;
}
