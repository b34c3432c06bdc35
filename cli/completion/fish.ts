import type { CommandSpec, Completion } from "../command-spec.ts";
import {
  completedOptions,
  firstWords,
  secondWords,
  shells,
  valueCommands,
} from "./completion-model.ts";
import type { CompletedOption } from "./completion-model.ts";

/** A script for `~/.config/fish/completions/agentflow.fish`. */
export function fishCompletion(commands: readonly CommandSpec[]): string {
  const lines = ["# fish completion for agentflow", "complete -c agentflow -f"];
  for (const [word, summary] of firstWords(commands)) {
    lines.push(`complete -c agentflow -n __fish_use_subcommand -a ${word} -d ${quote(summary)}`);
    const second = secondWords(commands, word);
    const names = second.map(([name]) => name).join(" ");
    for (const [name, about] of second) {
      const unused = `__fish_seen_subcommand_from ${word}; and not __fish_seen_subcommand_from ${names}`;
      lines.push(`complete -c agentflow -n ${quote(unused)} -a ${name} -d ${quote(about)}`);
    }
  }
  for (const spec of commands) lines.push(...commandLines(spec));
  return `${lines.join("\n")}\n`;
}

function commandLines(spec: CommandSpec): readonly string[] {
  const condition = quote(
    spec.name
      .split(" ")
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join("; and "),
  );
  const lines = completedOptions(spec).map(
    (option) =>
      `complete -c agentflow -n ${condition} ${optionWords(option)} -d ${quote(option.summary)}`,
  );
  const values = valueWords(spec.arguments?.[0]?.completion ?? "none");
  return values === "" ? lines : [...lines, `complete -c agentflow -n ${condition} ${values}`];
}

function optionWords({ names, value }: CompletedOption): string {
  const words = names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  if (value === null) return words.join(" ");
  return [
    ...words,
    // -x keeps the files of this folder out where only certain words make sense.
    value.choices.length > 0 || value.kind !== "file" ? "-x" : "-r",
    value.choices.length > 0 ? `-a ${quote(value.choices.join(" "))}` : valueWords(value.kind),
  ]
    .join(" ")
    .trim();
}

function valueWords(kind: Completion): string {
  switch (kind) {
    case "program":
      // Fish puts other files behind those with the suffix; folders may hold programs.
      return "-a '(__fish_complete_suffix .agentflow | string match -r \"^[^\\t]*(?:\\.agentflow|/)(?:\\t.*)?\\$\")'";
    case "file":
      return "-F";
    case "folder":
      return "-a '(__fish_complete_directories)'";
    case "run":
    case "letter":
    case "schedule":
    case "deployment":
    case "code":
      return `-a '(${valueCommands[kind]} 2>/dev/null)'`;
    case "shell":
      return `-a ${quote(shells)}`;
    case "none":
      return "";
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
