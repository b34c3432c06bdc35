/** Paths in a plan: relative to the folder of the entry file, so that a plan is the same on every machine. */
export class PlanPaths {
  readonly #folder: readonly string[];

  constructor(entry: string) {
    this.#folder = segments(entry).slice(0, -1);
  }

  /** `lib/util.agentflow`, `../common/mail.agentflow`, `std/slack.agentflow`. */
  of(file: string): string {
    if (file.startsWith("std/")) return file;
    const target = segments(file);
    let common = 0;
    while (
      common < this.#folder.length &&
      common < target.length - 1 &&
      this.#folder[common] === target[common]
    )
      common += 1;
    return [...this.#folder.slice(common).map(() => ".."), ...target.slice(common)].join("/");
  }

  /** Of a file that is named relative to another, such as a tool's `./tools/pdf.ts`. Package paths stay as they are. */
  relativeTo(file: string, path: string): string {
    if (!path.startsWith("./") && !path.startsWith("../")) return path;
    const joined = [...segments(this.of(file)).slice(0, -1), ...segments(path)];
    const parts: string[] = [];
    for (const part of joined) {
      if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
      else if (part !== ".") parts.push(part);
    }
    return parts.join("/");
  }

  /** Without the extension: how an import and a plan name write it. */
  moduleOf(file: string): string {
    return this.of(file).replace(/\.agentflow$/, "");
  }
}

function segments(path: string): readonly string[] {
  return path.split("/").filter((part, index) => part !== "." && (part !== "" || index === 0));
}
