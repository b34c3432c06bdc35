import type { CommandSpec } from "./command-spec.ts";
import { operationCommands } from "./specs/operation-commands.ts";
import { programCommands } from "./specs/program-commands.ts";
import { runCommands } from "./specs/run-commands.ts";
import { serviceCommands } from "./specs/service-commands.ts";
import { storeCommands } from "./specs/store-commands.ts";

/** Every command, in the order of `agentflow --help`. */
export const commandTable: readonly CommandSpec[] = [
  ...programCommands,
  ...runCommands,
  ...serviceCommands,
  ...operationCommands,
  ...storeCommands,
];

/** How `--help` groups them. */
export const commandGroups: readonly {
  readonly title: string;
  readonly commands: readonly CommandSpec[];
}[] = [
  { title: "Programs", commands: programCommands },
  { title: "Runs", commands: runCommands },
  { title: "Processes", commands: serviceCommands },
  { title: "Operations", commands: operationCommands },
  { title: "Store and installation", commands: storeCommands },
];

/** First words of commands that have two: `runs`, `dead-letters`. */
export function groupNames(): readonly string[] {
  return [
    ...new Set(
      commandTable
        .map(({ name }) => name.split(" "))
        .flatMap(([first, second]) => (second === undefined || first === undefined ? [] : [first])),
    ),
  ];
}
