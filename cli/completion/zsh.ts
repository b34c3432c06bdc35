import type { CommandSpec, Completion } from "../command-spec.ts";
import {
  completedOptions,
  firstWords,
  secondWords,
  shells,
  valueCommands,
} from "./completion-model.ts";
import type { CompletedOption } from "./completion-model.ts";

/** A script for `eval "$(agentflow completion zsh)"`, also fit for a file `_agentflow` in `fpath`. */
export function zshCompletion(commands: readonly CommandSpec[]): string {
  const groups = [...firstWords(commands).keys()].filter(
    (word) => secondWords(commands, word).length > 0,
  );
  return `#compdef agentflow
_agentflow() {
  local command=\${words[2]}
  if (( CURRENT == 2 )); then
    local -a commands=(
${[...firstWords(commands)].map(described).join("\n")}
    )
    _describe command commands
    return
  fi
  case $command in
${groups.map((group) => groupCase(group, commands)).join("\n")}
  esac
  # What follows reads the words behind the command's name.
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}
compdef _agentflow agentflow
`;
}

function groupCase(group: string, commands: readonly CommandSpec[]): string {
  return `    ${group})
      if (( CURRENT == 3 )); then
        local -a commands=(
${secondWords(commands, group).map(described).join("\n")}
        )
        _describe command commands
        return
      fi
      command="${group} \${words[3]}"
      shift words
      (( CURRENT-- )) ;;`;
}

function described([word, summary]: readonly [string, string]): string {
  return `      ${quote(`${word}:${summary}`)}`;
}

function commandCase(spec: CommandSpec): string {
  const options = completedOptions(spec).flatMap((option) =>
    option.names.map((name) => optionWord(name, option)),
  );
  const argument = spec.arguments?.[0];
  const values =
    argument === undefined
      ? []
      : [
          quote(
            `${argument.many === true ? "*" : "1"}:${escape(argument.name)}:${action(argument.completion ?? "none")}`,
          ),
        ];
  return `    ${quote(spec.name)})\n      _arguments ${[...options, ...values].join(" ")} ;;`;
}

function optionWord(name: string, { summary, value }: CompletedOption): string {
  const text = `${name}[${escape(summary)}]`;
  if (value === null) return quote(text);
  const choices = value.choices.length > 0 ? `(${value.choices.join(" ")})` : action(value.kind);
  return quote(`${text}:value:${choices}`);
}

function action(kind: Completion): string {
  switch (kind) {
    case "program":
      return '_files -g "*.agentflow"';
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "run":
    case "letter":
    case "schedule":
    case "deployment":
    case "code":
      return `{compadd -- \${(f)"$(${valueCommands[kind]} 2>/dev/null)"}}`;
    case "shell":
      return `(${shells})`;
    case "none":
      return "";
  }
}

function escape(text: string): string {
  return text.replace(/[[\]:]/g, (character) => `\\${character}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
