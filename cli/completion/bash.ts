import type { CommandSpec, Completion } from "../command-spec.ts";
import {
  completedOptions,
  firstWords,
  secondWords,
  shells,
  valueCommands,
} from "./completion-model.ts";
import type { CompletedOption } from "./completion-model.ts";

/** A script for `eval "$(agentflow completion bash)"`. */
export function bashCompletion(commands: readonly CommandSpec[]): string {
  const first = [...firstWords(commands).keys()];
  const groups = first.filter((word) => secondWords(commands, word).length > 0);
  return `# bash completion for agentflow
_agentflow() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${first.join(" ")}" -- "$current"))
    return
  fi
  case $command in
${groups.map((group) => groupCase(group, commands)).join("\n")}
  esac
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}
_agentflow_programs() {
  COMPREPLY=($(compgen -f -X '!*.agentflow' -- "$1") $(compgen -d -S / -- "$1"))
}
complete -F _agentflow agentflow
`;
}

function groupCase(group: string, commands: readonly CommandSpec[]): string {
  const words = secondWords(commands, group).map(([word]) => word);
  return `    ${group})
      if [ "$COMP_CWORD" -eq 2 ]; then
        COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))
        return
      fi
      command="${group} \${COMP_WORDS[2]}" ;;`;
}

function commandCase(spec: CommandSpec): string {
  const options = completedOptions(spec);
  const valued = options.filter(({ value }) => value !== null);
  const lines = [`    "${spec.name}")`];
  if (valued.length > 0) {
    lines.push(
      "      case $previous in",
      ...valued.map(
        (option) => `        ${option.names.join("|")}) ${optionReply(option)}; return ;;`,
      ),
      "      esac",
    );
  }
  const names = options.flatMap((option) => option.names.filter((name) => name.startsWith("--")));
  const kind = spec.arguments?.[0]?.completion ?? "none";
  lines.push(
    "      case $current in",
    `        -*) COMPREPLY=($(compgen -W "${names.join(" ")}" -- "$current")) ;;`,
    `        *) ${valueReply(kind)} ;;`,
    "      esac ;;",
  );
  return lines.join("\n");
}

function optionReply({ value }: CompletedOption): string {
  if (value === null) return ":";
  return value.choices.length > 0
    ? `COMPREPLY=($(compgen -W "${value.choices.join(" ")}" -- "$current"))`
    : valueReply(value.kind);
}

function valueReply(kind: Completion): string {
  switch (kind) {
    case "program":
      return '_agentflow_programs "$current"';
    case "file":
      return 'COMPREPLY=($(compgen -f -- "$current"))';
    case "folder":
      return 'COMPREPLY=($(compgen -d -- "$current"))';
    case "run":
    case "letter":
    case "schedule":
    case "deployment":
    case "code":
      return `COMPREPLY=($(compgen -W "$(${valueCommands[kind]} 2>/dev/null)" -- "$current"))`;
    case "shell":
      return `COMPREPLY=($(compgen -W "${shells}" -- "$current"))`;
    case "none":
      return ":";
  }
}
