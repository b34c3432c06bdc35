// Loader hooks for modules written in TypeScript on a Node that does not strip types itself. Run on Node's
// loader thread, possibly handed over as text: so they import nothing but Node's own modules.
import { readFile } from "node:fs/promises";

interface Transpiler {
  transform(
    source: string,
    options: {
      readonly transforms: readonly string[];
      readonly disableESTransforms: boolean;
      readonly filePath: string;
    },
  ): { readonly code: string };
}

interface Loaded {
  readonly format: string;
  readonly source?: string;
  readonly shortCircuit?: boolean;
}

let transpilerUrl = "";

export function initialize(data: { readonly transpilerUrl: string }): void {
  transpilerUrl = data.transpilerUrl;
}

export async function load(
  url: string,
  context: object,
  next: (url: string, context: object) => Promise<Loaded>,
): Promise<Loaded> {
  const path = url.split("?")[0] ?? url;
  if (!path.startsWith("file:") || !/\.m?ts$/.test(path)) return next(url, context);
  const { default: transpiler } = (await import(transpilerUrl)) as { default: Transpiler };
  const source = await readFile(new URL(path), "utf8");
  const { code } = transpiler.transform(source, {
    transforms: ["typescript"],
    disableESTransforms: true,
    filePath: path,
  });
  return { format: "module", source: code, shortCircuit: true };
}
