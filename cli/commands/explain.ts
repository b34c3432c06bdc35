import { catalogue, codes, explain as explainCode } from "../../compiler/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { UserMistake } from "../user-mistake.ts";

export async function explain({ args, options, terminal }: Invocation): Promise<number> {
  const [asked] = args;
  if (asked === undefined) {
    terminal.out(listing(options.on("json"), options.on("ids")));
    return exitCodes.ok;
  }
  const found = explainCode(asked, { width: Math.min(terminal.outColumns() ?? 80, 100) });
  if ("nearest" in found) {
    throw new UserMistake(`there is no code \`${asked}\``, {
      hints: [
        ...found.nearest.slice(0, 1).map((code) => `did you mean ${code}?`),
        "agentflow explain lists all codes",
      ],
    });
  }
  if (options.on("json"))
    terminal.out(`${JSON.stringify({ code: found.code, ...catalogue[found.code] }, null, 2)}\n`);
  else terminal.out(found.text);
  return exitCodes.ok;
}

function listing(json: boolean, ids: boolean): string {
  if (ids) return codes.map((code) => `${code}\n`).join("");
  const entries = codes.map((code) => ({
    code,
    severity: catalogue[code].severity,
    title: catalogue[code].title,
  }));
  if (json) return `${JSON.stringify({ codes: entries }, null, 2)}\n`;
  return entries
    .map(
      ({ code, title, severity }) =>
        `${code}  ${title}${severity === "warning" ? " (warning)" : ""}\n`,
    )
    .join("");
}
