/**
 * The map of the repository as data: who may import whom, and where each package is at home.
 * `docs/architecture.md` says why; the rules beside this file enforce it.
 */

/**
 * What the files of a folder may import, besides the folder itself. `compiler:door` is the folder's
 * `index.ts` alone. A folder that is not listed may not be imported, nor hold TypeScript.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  plan: ["base"],

  "compiler/source": ["base"],
  "compiler/graph": ["base"],
  "compiler/diagnostics": ["base", "compiler/source"],
  "compiler/syntax": compilerUpTo("syntax"),
  "compiler/format": compilerUpTo("names"),
  "compiler/names": compilerUpTo("names"),
  "compiler/types": compilerUpTo("types"),
  "compiler/flow": compilerUpTo("flow"),
  "compiler/rules": compilerUpTo("rules"),
  "compiler/lower": compilerUpTo("lower"),
  "compiler/picture": compilerUpTo("lower"),
  compiler: ["base", "plan", "compiler/*"],

  "runner/engine": ["base", "plan"],
  "runner/ports": ["base", "plan"],
  "runner/store": ["base", "plan", "runner/ports"],
  "runner/queue": ["base", "plan", "runner/ports"],
  "runner/models": ["base", "plan", "runner/ports"],
  "runner/tools": ["base", "plan", "runner/ports"],
  "runner/observe": ["base", "plan", "runner/ports"],
  "runner/triggers": ["base", "plan", "runner/ports"],
  "runner/steps": ["base", "plan", "runner/ports", "runner/engine"],
  "runner/policy": ["base", "plan", "runner/ports", "runner/engine"],
  "runner/worker": [
    "base",
    "plan",
    "runner/ports",
    "runner/engine",
    "runner/steps",
    "runner/policy",
  ],
  runner: ["base", "plan", "runner/*"],

  // Virtual time needs the state machine itself, not a runner that owns its clock.
  testing: ["base", "plan", "compiler:door", "runner:door", "runner/engine"],
  cli: ["base", "plan", "compiler:door", "runner:door", "testing:door"],

  "test/simulation": ["base", "plan", "runner/*"],
  // Folds what is in the repository, without a store that would write it anew.
  "test/histories": ["base", "plan", "runner/*"],
  // Harms a whole installation, and looks at the store and the histories underneath.
  "test/chaos": ["base", "plan", "compiler:door", "runner/*", "test/simulation", "tools"],
  "test/differential": ["base", "plan", "runner/*", "test/*", "tools"],
  test: ["test/*", "base", "plan", "compiler:door", "runner:door", "testing:door", "cli:door"],
  // They measure the phases, and the engine, one by one, which no door offers.
  "bench/compile": ["base", "plan", "compiler/*", "cli", "bench", "tools"],
  "bench/runner": ["base", "plan", "runner/*", "runner:door", "bench", "tools"],
  bench: ["base", "plan", "compiler:door", "runner:door", "testing:door", "cli:door", "tools"],
  "tools/backup": ["base", "plan", "runner/*", "runner:door", "test/simulation", "tools"],
  tools: ["base", "plan", "compiler:door", "runner:door", "cli:door"],
  examples: [],
};

/** The compiler's phases in order: a phase sees those before it. */
function compilerUpTo(phase: string): string[] {
  const phases = ["source", "graph", "syntax", "names", "types", "flow", "rules", "lower"];
  const before = phases.slice(0, phases.indexOf(phase)).map((name) => `compiler/${name}`);
  return ["base", "plan", "compiler/diagnostics", ...before];
}

/** The one place that may import a package, as a pattern for paths. Tests may import any package. */
export const packageHomes: Readonly<Record<string, RegExp>> = {
  chevrotain: /^compiler\/syntax\//,
  graphology: /^compiler\/graph\//,
  "@dagrejs/dagre": /^compiler\/picture\//,
  croner: /^(compiler\/flow\/schedule|runner\/)/,
  ajv: /^plan\//,
  libsql: /^runner\/store\/sqlite/,
  pg: /^runner\/store\/postgres/,
  bullmq: /^runner\/queue\/bullmq/,
  ioredis: /^runner\/queue\/bullmq/,
  "prom-client": /^runner\/observe\//,
  yaml: /^cli\/settings\//,
  openai: /^runner\/models\/openai/,
  sucrase: /^runner\/tools\/host-source/,
  commander: /^cli\//,
  picocolors: /^cli\//,
};

/** Code that must give the same answer everywhere: no files, network, clock, randomness or environment. */
export const pure = /^(base|plan|compiler|runner\/(engine|ports))\//;

/** Built-in modules that pure code may use all the same, because they only calculate. */
export const pureBuiltins: Readonly<Record<string, RegExp>> = {
  "node:crypto": /^base\/sha256\.ts$/,
};

/** Programs around the product, whose business is the machine they run on. */
export const aroundTheProduct =
  /^(test|bench|tools|examples)\/|(\.test|-conformance)\.ts$|^[^/]+\.config\.ts$/;

/** The adapters that turn a piece of the world into a port. */
export const ambientHomes: Readonly<Record<string, RegExp>> = {
  "Date.now": /\/system-clock\.ts$/,
  "new Date": /\/system-clock\.ts$/,
  "performance.now": /\/system-clock\.ts$/,
  "Math.random": /\/system-randomness\.ts$/,
  "crypto.randomUUID": /\/system-randomness\.ts$/,
  "process.env": /^cli\/environment\.ts$/,
  console: /^cli\/terminal\.ts$/,
};
