import { didYouMean } from "../../base/did-you-mean.ts";
import type { Invocation } from "../command-spec.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { exitCodes } from "../exit-codes.ts";
import { UserMistake } from "../user-mistake.ts";

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export async function completion({ args, terminal, commands }: Invocation): Promise<number> {
  const [shell = ""] = args;
  if (!isShell(shell)) {
    const [meant] = didYouMean(shell, Object.keys(shells));
    throw new UserMistake(`there is no completion for \`${shell}\``, {
      hints: [
        ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
        "there is one for bash, zsh and fish",
      ],
    });
  }
  terminal.out(shells[shell](commands));
  return exitCodes.ok;
}

function isShell(name: string): name is keyof typeof shells {
  return Object.hasOwn(shells, name);
}
