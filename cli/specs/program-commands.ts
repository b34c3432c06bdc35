import type { CommandSpec, OptionSpec } from "../command-spec.ts";

export const jsonOption: OptionSpec = {
  flags: "--json",
  summary: "print one JSON document instead of text",
};

/** Commands about programs: they read files and never open a store. */
export const programCommands: readonly CommandSpec[] = [
  {
    name: "init",
    summary: "make a small project that runs at once",
    description: [
      "Writes a commented program, a test for it, a script of model answers and a .gitignore. Nothing that exists is overwritten.",
    ],
    arguments: [
      { name: "folder", summary: "where; the current folder if left out", completion: "folder" },
    ],
    options: [jsonOption],
    examples: [
      { command: "agentflow init support", does: "make the project in ./support" },
      { command: "agentflow init", does: "make it here" },
    ],
    load: async () => (await import("../commands/init.ts")).init,
  },
  {
    name: "check",
    summary: "find the mistakes in programs, and print each flow's worst case",
    description: [
      "Without files: every .agentflow file below the current folder. Ends with 1 if there is an error.",
    ],
    arguments: [{ name: "paths", summary: "files or folders", many: true, completion: "program" }],
    options: [
      { flags: "--fix", summary: "apply the fixes that are safe, then check again" },
      {
        flags: "--format <format>",
        summary: "how to print what was found",
        choices: ["text", "json", "sarif", "github"],
      },
      { flags: "--json", summary: "the same as --format json" },
      { flags: "--quiet", summary: "print nothing but diagnostics" },
    ],
    examples: [
      { command: "agentflow check", does: "check everything here" },
      { command: "agentflow check triage.agentflow --fix", does: "mend what can be mended safely" },
      { command: "agentflow check --format sarif > found.sarif", does: "for code scanning" },
      { command: "agentflow check --format github", does: "annotations in a GitHub workflow" },
    ],
    load: async () => (await import("../commands/check.ts")).check,
  },
  {
    name: "fmt",
    summary: "bring programs into the one canonical form",
    description: [
      "Without files: every .agentflow file below the current folder. `-` reads a program from standard input and writes it to standard output. Habits of other languages, such as `;` or `===`, are mended on the way; a file with other syntax errors is left alone.",
    ],
    arguments: [
      {
        name: "paths",
        summary: "files or folders, or - for standard input",
        many: true,
        completion: "program",
      },
    ],
    options: [
      { flags: "--check", summary: "change nothing, end with 1 if a file is not formatted" },
      jsonOption,
    ],
    examples: [
      { command: "agentflow fmt", does: "format everything here" },
      { command: "agentflow fmt --check", does: "for a CI job" },
      { command: "agentflow fmt - < draft.agentflow", does: "as a filter, for an editor" },
    ],
    load: async () => (await import("../commands/fmt.ts")).fmt,
  },
  {
    name: "compile",
    summary: "turn a program into the plan that a runner executes",
    description: [
      "The plan is a JSON document (docs/plan-format.md). Its hash depends on meaning alone: layout, order and comments change nothing.",
    ],
    arguments: [{ name: "file", summary: "the program", required: true, completion: "program" }],
    options: [
      {
        flags: "-o, --output <file>",
        summary: "where the plan goes; standard output if left out",
        completion: "file",
      },
      { flags: "--hash", summary: "print the hash alone" },
      {
        flags: "--json",
        summary: "print one JSON document that says what was made, or what is wrong",
      },
    ],
    examples: [
      { command: "agentflow compile triage.agentflow -o plan.json", does: "write the plan" },
      { command: "agentflow compile triage.agentflow --hash", does: "what identifies it" },
    ],
    load: async () => (await import("../commands/compile.ts")).compileFile,
  },
  {
    name: "diff",
    summary: "say in words what changed between two programs or plans",
    description: ["Ends with 1 if something changed, with 0 if both mean the same."],
    arguments: [
      { name: "old", summary: "a program or a plan", required: true, completion: "file" },
      { name: "new", summary: "a program or a plan", required: true, completion: "file" },
    ],
    options: [jsonOption],
    examples: [
      {
        command: "agentflow diff deployed.json triage.agentflow",
        does: "what a deployment would change",
      },
    ],
    load: async () => (await import("../commands/diff.ts")).diff,
  },
  {
    name: "graph",
    summary: "draw a flow",
    description: ["Without #flow: the only flow of the file, or a list of its flows."],
    arguments: [
      {
        name: "file#flow",
        summary: "the program and the flow in it",
        required: true,
        completion: "program",
      },
    ],
    options: [
      {
        flags: "--format <format>",
        summary: "ascii if left out",
        choices: ["ascii", "mermaid", "dot", "svg", "json"],
      },
      { flags: "--json", summary: "the same as --format json" },
      { flags: "-o, --output <file>", summary: "where the picture goes", completion: "file" },
    ],
    examples: [
      { command: "agentflow graph triage.agentflow#triage", does: "in the terminal" },
      {
        command: "agentflow graph triage.agentflow --format svg -o triage.svg",
        does: "for a web page",
      },
      { command: "agentflow graph triage.agentflow --format mermaid", does: "for a README" },
    ],
    load: async () => (await import("../commands/graph.ts")).graph,
  },
  {
    name: "explain",
    summary: "explain a diagnostic code, with a bad and a good example",
    description: ["Without a code: all codes with their titles."],
    arguments: [{ name: "code", summary: "such as AF4001", completion: "code" }],
    options: [{ flags: "--ids", summary: "print all codes alone, one a line" }, jsonOption],
    examples: [
      { command: "agentflow explain AF4001", does: "what a cycle is and how to break it" },
    ],
    load: async () => (await import("../commands/explain.ts")).explain,
  },
  {
    name: "test",
    summary: "run the test blocks of programs, offline and in virtual time",
    description: [
      "Without files: every .agentflow file below the current folder that has tests. Agents and tools answer with the stubs of the test; a wait of 8 hours takes no time.",
    ],
    arguments: [{ name: "paths", summary: "files or folders", many: true, completion: "program" }],
    options: [
      { flags: "--filter <text>", summary: "only tests whose title contains this" },
      { flags: "--watch", summary: "run again whenever a program changes" },
      {
        flags: "--reporter <reporter>",
        summary: "text if left out",
        choices: ["text", "junit", "json"],
      },
      { flags: "--json", summary: "the same as --reporter json" },
    ],
    examples: [
      { command: "agentflow test", does: "all tests here" },
      { command: 'agentflow test blog.test.agentflow --filter "budget"', does: "some of one file" },
      { command: "agentflow test --reporter junit > report.xml", does: "for a CI server" },
    ],
    load: async () => (await import("../commands/test.ts")).test,
  },
];
