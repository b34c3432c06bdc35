import { builtinModules } from "node:module";

import { aroundTheProduct, packageHomes, pure, pureBuiltins } from "../architecture.ts";
import type { Rule } from "../rule.ts";
import { lineOf } from "../source-file.ts";

/** Each package is imported in one place, and pure code imports nothing of the machine. */
export const homes: Rule = ({ sources }) =>
  sources
    .filter((source) => !aroundTheProduct.test(source.path))
    .flatMap((source) =>
      source.references.flatMap((reference) => {
        if (reference.path !== undefined) return [];
        const message = faultOf(source.path, reference.specifier);
        if (message === undefined) return [];
        return [{ file: source.path, line: lineOf(source.text, reference.start), message }];
      }),
    );

function faultOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) return builtinFault(file, specifier);
  if (builtinModules.includes(specifier)) return `write node:${specifier}`;
  const name = packageOf(specifier);
  const home = packageHomes[name];
  if (home === undefined) return `${name} has no home; add it to tools/tidy/architecture.ts`;
  return home.test(file) ? undefined : `${name} is at home in ${printHome(home)} alone`;
}

function builtinFault(file: string, specifier: string): string | undefined {
  if (!pure.test(file) || pureBuiltins[specifier]?.test(file) === true) return undefined;
  return `${specifier} reaches the machine; this code is pure, so take it as a parameter`;
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

function printHome(home: RegExp): string {
  return home.source.replaceAll("\\/", "/").replace(/^\^/, "");
}
