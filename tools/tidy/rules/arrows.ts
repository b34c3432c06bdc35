import { layers } from "../architecture.ts";
import type { Rule } from "../rule.ts";
import { lineOf } from "../source-file.ts";
import type { SourceFile } from "../source-file.ts";

/** Imports follow the arrows of `docs/architecture.md`. */
export const arrows: Rule = ({ sources }) =>
  sources.flatMap((source) => {
    if (!source.path.includes("/")) return [];
    const layer = layerOf(source.path);
    if (layer === undefined) {
      const message = "no layer holds this folder; add it to tools/tidy/architecture.ts";
      return [{ file: source.path, line: 1, message }];
    }
    return source.references
      .filter((reference) => !isAllowed(source, layer, reference.path))
      .map((reference) => ({
        file: source.path,
        line: lineOf(source.text, reference.start),
        message: `${layer} may not import ${reference.path ?? reference.specifier}`,
      }));
  });

function isAllowed(source: SourceFile, layer: string, target: string | undefined): boolean {
  if (target === undefined) return true;
  const targetLayer = layerOf(target);
  if (targetLayer === layer) return true;
  // A test may build its scene from anything in its own folder and from `test/`, never from across the border.
  const isTest = /(\.test|-conformance)\.ts$/.test(source.path);
  if (isTest && [topOf(source.path), "test"].includes(topOf(target))) return true;
  // Servers of its own for a test are no part of the product.
  if (isTest && target.startsWith("tools/services/")) return true;
  return (layers[layer] ?? []).some((allowed) => matches(allowed, target, targetLayer));
}

function matches(allowed: string, target: string, targetLayer: string | undefined): boolean {
  if (allowed.endsWith(":door")) return target === `${allowed.slice(0, -":door".length)}/index.ts`;
  if (allowed.endsWith("/*")) return target.startsWith(allowed.slice(0, -1));
  return targetLayer === allowed;
}

/** `compiler/syntax/lexer.ts` belongs to `compiler/syntax`, `compiler/compile.ts` to `compiler`. */
function layerOf(path: string): string | undefined {
  const [top = "", second = "", ...rest] = path.split("/");
  if (`${top}/${second}` in layers) return `${top}/${second}`;
  // In the two halves of the product each folder has its place; elsewhere a new one may be opened.
  const isUnplaced = rest.length > 0 && (top === "compiler" || top === "runner");
  return top in layers && !isUnplaced ? top : undefined;
}

function topOf(path: string): string {
  return path.split("/")[0] ?? "";
}
