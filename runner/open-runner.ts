import { sha256 } from "../base/sha256.ts";
import { sortableIds } from "../base/sortable-id.ts";
import type { Runner } from "./api.ts";
import { EmbeddedRunner } from "./embedded-runner.ts";
import { readMockScript, type MockScript } from "./models/mock-script.ts";
import { mockProvider } from "./models/mock-provider.ts";
import { modelRegistry } from "./models/model-registry.ts";
import { openaiProvider } from "./models/openai-provider.ts";
import { createPeopleDesk } from "./people-desk.ts";
import type { Clock } from "./ports/clock.ts";
import type { Files } from "./ports/files.ts";
import type { People } from "./ports/people.ts";
import type { Store } from "./ports/store.ts";
import { createPrograms } from "./programs.ts";
import { inProcessTransport } from "./queue/in-process-transport.ts";
import { createRunStarter } from "./run-starter.ts";
import { createRunViews } from "./run-views.ts";
import { createRunWatch } from "./run-watch.ts";
import type { RunnerOptions } from "./runner-options.ts";
import { sessionIsGone, sessionName } from "./session-name.ts";
import { systemClock } from "./system-clock.ts";
import { systemRandom } from "./system-randomness.ts";
import { httpTool } from "./tools/http-tool.ts";
import { moduleTool } from "./tools/module-tool.ts";
import { mockPeople } from "./models/mock-people.ts";
import { createLimits } from "./worker/limits.ts";
import { Worker } from "./worker/worker.ts";
import type { WorkerHost } from "./worker/worker-host.ts";

/**
 * Opens the runner that lives in this process.
 *
 * @throws StoreError when the store can't be opened; TypeError when the script of the mock model can't be read.
 */
export async function openRunner(options: RunnerOptions): Promise<Runner> {
  const { clock = systemClock, random = systemRandom, telemetry = { log: () => {} } } = options;
  const newId = sortableIds({ now: () => Math.floor(clock.now()), randomBytes: (count) => random.bytes(count) });
  const ownsStore = typeof options.store === "string" || options.store === null;
  const store = ownsStore ? await openStore(options.store as string | null, clock) : (options.store as Store);
  const transport = inProcessTransport();
  const files = filesOf(store);
  const modules = options.modules ?? moduleTool({ files, telemetry });
  const onFault = (error: unknown): void => {
    telemetry.log({ level: "error", message: error instanceof Error ? error.message : String(error) });
  };
  const watch = createRunWatch({ store, clock, onFault });
  const mock = options.models?.kind === "mock" ? options.models : undefined;
  const { variables } = options;
  const programs = createPrograms({
    clock,
    files,
    http: httpTool({ now: () => clock.now() }),
    modules,
    store,
    variables,
    folder: options.folder,
    mockModels: mockProvider({ clock, seed: mock?.seed ?? "1", ...mockSettings(mock) }),
    realModels: modelRegistry({
      openai: openaiProvider({
        files,
        now: () => clock.now(),
        apiKey: variables["OPENAI_API_KEY"],
        baseUrl: variables["OPENAI_BASE_URL"],
      }),
      mock: mockProvider({ clock, seed: "1" }),
    }),
  });
  const starter = createRunStarter({ store, clock, newId, programs, worker: () => worker, folder: options.folder, mocked: mock !== undefined });
  const desk = createPeopleDesk({
    people: peopleOf(options, mock),
    async answer({ run, path }, value) {
      await store.deliver({ id: newId(), run, atMs: clock.now(), kind: "answer", path, value });
      worker.attend(run);
    },
    left: watch.changed,
    onFault: (run, error) => {
      onFault(error);
      watch.changed(run);
    },
  });
  const host: WorkerHost = {
    store,
    clock,
    telemetry,
    newId,
    limits: createLimits(clock),
    compile: programs.compile,
    load: programs.load,
    nextRun: starter.nextRun,
    appended: watch.appended,
    settled: watch.changed,
    asked: desk.ask,
    withdrawn: desk.withdraw,
    notify: transport.notify,
    slotsFreed: () => void worker.poll(),
  };
  const worker = new Worker({
    host,
    transport,
    session: sessionName(newId()),
    maxRuns: options.maxRuns ?? 1_000,
    takeOver: options.takeOver ?? false,
    onFault,
  });
  await worker.open();
  const views = createRunViews(store, programs);
  return new EmbeddedRunner({ store, ownsStore, clock, newId, worker, transport, starter, watch, desk, modules, views });
}

async function openStore(path: string | null, clock: Clock): Promise<Store> {
  const { openSqliteStore } = await import("./store/sqlite-store.ts");
  return openSqliteStore({ path: path ?? ":memory:", now: () => clock.now(), isGone: sessionIsGone });
}

function filesOf(store: Store): Files {
  return {
    read: async (hash) => (await store.readFile(hash)) ?? undefined,
    async write({ name, mime, bytes }) {
      const hash = sha256(bytes);
      await store.writeFile(hash, bytes);
      return { name, mime, size: bytes.length, sha256: hash };
    },
  };
}

type Mock = Extract<NonNullable<RunnerOptions["models"]>, { kind: "mock" }>;

function mockSettings(mock: Mock | undefined): { script?: MockScript; latencyMs?: { readonly from: number; readonly to: number } } {
  const settings: { script?: MockScript; latencyMs?: { readonly from: number; readonly to: number } } = {};
  if (mock?.latencyMs !== undefined) settings.latencyMs = mock.latencyMs;
  if (mock?.script === undefined) return settings;
  const read = readMockScript(mock.script);
  if (!("script" in read)) throw new TypeError(`the script of the mock model can't be used: ${read.problem}`);
  return { ...settings, script: read.script };
}

function peopleOf(options: RunnerOptions, mock: Mock | undefined): People | undefined {
  if (mock?.people === true) return mockPeople({ seed: mock.seed ?? "1" });
  return options.people;
}
