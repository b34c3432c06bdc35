/** A fenced block of a Markdown document. */
export interface DocBlock {
  /** The first word after the fence, such as `sh`. */
  readonly language: string;
  /** The other words, which a reader never sees: `no-run`, `exit=1`, `file=hello.agentflow`. */
  readonly words: readonly string[];
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** The fenced blocks in order. A fence that is never closed runs to the end, as Markdown has it. */
export function docBlocks(markdown: string): DocBlock[] {
  const blocks: DocBlock[] = [];
  const lines = markdown.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const opening = /^( {0,3})(`{3,}|~{3,})([^`]*)$/.exec(lines[index] ?? "");
    if (opening === null) continue;
    const [, indent = "", fence = "", info = ""] = opening;
    const closing = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}\\s*$`);
    const body: string[] = [];
    const line = index + 1;
    for (index += 1; index < lines.length && !closing.test(lines[index] ?? ""); index += 1) {
      body.push((lines[index] ?? "").replace(new RegExp(`^ {0,${indent.length}}`), ""));
    }
    const [language = "", ...words] = info.trim().split(/\s+/);
    blocks.push({ language, words, text: `${body.join("\n")}\n`, line });
  }
  return blocks;
}

/** The value of `name=value` among the words of a block. */
export function wordValue(block: DocBlock, name: string): string | undefined {
  return block.words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}
