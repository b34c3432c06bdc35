/** A JSON Schema. */
export type Schema = { readonly [keyword: string]: unknown };

/** One setting, whether it comes from the file, from the environment or from a flag. */
export interface SettingRow {
  /** `worker.concurrency`: place in the file. */
  readonly key: string;
  /** Environment variables that override the file; the first that is set counts. */
  readonly variables: readonly string[];
  /** Flag of the command line that overrides both, without dashes. */
  readonly flag?: string;
  /** Undefined: nothing unless told. */
  readonly fallback?: unknown;
  readonly schema: Schema;
  /** What a pattern in the schema stands for: `a time such as 30s`. */
  readonly expects?: string;
  /** What it says, as the documentation and the schema tell it. */
  readonly about: string;
}

const duration: Schema = { type: "string", pattern: "^\\d+(ms|s|m|h|d)$" };
const keeping: Schema = { type: "string", pattern: "^(\\d+(ms|s|m|h|d)|forever)$" };
const text: Schema = { type: "string", minLength: 1 };
const port: Schema = { type: "integer", minimum: 0, maximum: 65_535 };
const name: Schema = { type: "string", pattern: "^[A-Za-z0-9_-]+$" };

/** Every setting there is, in the order of the documentation. */
export const settingsTable: readonly SettingRow[] = [
  {
    key: "environment",
    variables: ["AGENTFLOW_ENV"],
    flag: "env",
    schema: text,
    about: "Whose values of `config <name> { … }` the served programs take.",
  },
  {
    key: "store.url",
    variables: ["AGENTFLOW_STORE", "DATABASE_URL"],
    flag: "store",
    // Any other address is no path that somebody means.
    schema: { type: "string", pattern: "^(postgres(ql)?://.|(?![A-Za-z][A-Za-z0-9+.-]*://).)" },
    expects: "`postgres://…` or the path of a file",
    about:
      "Where runs are kept: `postgres://user:password@host/database`, or the path of a SQLite file, from the folder of this file.",
  },
  {
    key: "redis.url",
    variables: ["REDIS_URL"],
    schema: { type: "string", pattern: "^rediss?://." },
    expects: "an address such as redis://host:6379",
    about:
      "Redis that carries runs to workers, `redis://user:password@host:6379/0`, or `rediss:` with TLS. Without it, workers look into the store.",
  },
  {
    key: "redis.prefix",
    variables: ["AGENTFLOW_REDIS_PREFIX"],
    fallback: "agentflow",
    schema: name,
    expects: "letters, digits, `-` and `_`",
    about: "In front of all keys in Redis.",
  },
  {
    key: "worker.concurrency",
    variables: ["AGENTFLOW_CONCURRENCY"],
    flag: "concurrency",
    fallback: 100,
    schema: { type: "integer", minimum: 1, maximum: 10_000 },
    about: "Runs that a worker takes at once from each pool.",
  },
  {
    key: "worker.pools",
    variables: ["AGENTFLOW_POOLS"],
    flag: "pools",
    fallback: ["default"],
    schema: { type: "array", items: name, minItems: 1, uniqueItems: true },
    expects: "letters, digits, `-` and `_`",
    about:
      "Pools that a worker works for; in the environment and as a flag, with commas between. Without Redis a worker takes runs of all pools.",
  },
  {
    key: "worker.drain",
    variables: ["AGENTFLOW_DRAIN"],
    fallback: "30s",
    schema: duration,
    expects: "a time such as `500ms`, `30s` or `5m`",
    about: "How long a process that was told to stop waits for what is under way.",
  },
  {
    key: "scheduler.enabled",
    variables: ["AGENTFLOW_SCHEDULER"],
    flag: "scheduler",
    fallback: false,
    schema: { type: "boolean" },
    about: "Whether a worker stands for election to do the duties, such as cron.",
  },
  {
    key: "limits.runs",
    variables: ["AGENTFLOW_MAX_RUNS"],
    fallback: 1_000,
    schema: { type: "integer", minimum: 1, maximum: 100_000 },
    about: "Runs going on at once in a process; further ones wait.",
  },
  {
    key: "limits.modelCalls",
    variables: ["AGENTFLOW_MAX_MODEL_CALLS"],
    fallback: 100,
    schema: { type: "integer", minimum: 1, maximum: 100_000 },
    about: "Requests to models under way at once in a process; further ones wait.",
  },
  {
    key: "limits.queueDepth",
    variables: ["AGENTFLOW_MAX_QUEUED"],
    fallback: 100_000,
    schema: { type: "integer", minimum: 1, maximum: 100_000_000 },
    about:
      "Runs that may wait for a worker; further starts are refused, and events are read later.",
  },
  {
    key: "limits.valueBytes",
    variables: ["AGENTFLOW_MAX_VALUE_BYTES"],
    fallback: 67_108_864,
    schema: { type: "integer", minimum: 1_000, maximum: 536_870_912 },
    about:
      "Bytes that one value may have as JSON: a tool that answers more has failed with `invalid_output`, and a run with more input, an answer or an event that is larger, and a larger file are refused.",
  },
  {
    key: "retention.runs",
    variables: ["AGENTFLOW_KEEP_RUNS"],
    fallback: "30d",
    schema: keeping,
    expects: "a time such as `12h` or `30d`, or `forever`",
    about: "How long runs that have ended are kept; `forever` keeps them.",
  },
  {
    key: "retention.ticks",
    variables: ["AGENTFLOW_KEEP_TICKS"],
    fallback: "90d",
    schema: keeping,
    expects: "a time such as `12h` or `30d`, or `forever`",
    about: "How long it is kept what became of the ticks of schedules.",
  },
  {
    key: "retention.events",
    variables: ["AGENTFLOW_KEEP_EVENTS"],
    fallback: "7d",
    schema: keeping,
    expects: "a time such as `12h` or `30d`, or `forever`",
    about: "How long published events are kept that every trigger has seen.",
  },
  {
    key: "retention.files",
    variables: ["AGENTFLOW_KEEP_FILES"],
    fallback: "7d",
    schema: keeping,
    expects: "a time such as `12h` or `30d`, or `forever`",
    about:
      "How long a file is kept that nothing mentions (an hour at least); one that a run, a state, a result of the cache or an event mentions stays with it.",
  },
  {
    key: "health.host",
    variables: ["AGENTFLOW_HEALTH_HOST"],
    fallback: "127.0.0.1",
    schema: text,
    about: "Address of the health port; `0.0.0.0` in a container.",
  },
  {
    key: "health.port",
    variables: ["AGENTFLOW_HEALTH_PORT"],
    flag: "health-port",
    schema: port,
    about:
      "Port of `/live`, `/ready`, `/health` and `/metrics`; 0 takes a free one. Without it, there is none.",
  },
  {
    key: "log.level",
    variables: ["AGENTFLOW_LOG_LEVEL"],
    fallback: "info",
    schema: { enum: ["debug", "info", "warn", "error"] },
    about: "The least that is logged.",
  },
  {
    key: "log.format",
    variables: ["AGENTFLOW_LOG_FORMAT"],
    fallback: "auto",
    schema: { enum: ["auto", "json", "text"] },
    about: "`auto` is text in a terminal and one JSON document a line elsewhere.",
  },
  {
    key: "programs",
    variables: [],
    fallback: [],
    schema: { type: "array", items: text },
    about: "Programs whose triggers are served: files or folders, from the folder of this file.",
  },
];
