import { didYouMean } from "../../base/did-you-mean.ts";
import type { SourceReader } from "./source-reader.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ParseResult } from "../syntax/parse-result.ts";
import type { Import, ImportName, Name } from "../syntax/tree.ts";
import { fileFacts } from "./file-facts.ts";
import type { FileFacts } from "./file-facts.ts";
import { importSpecifier, resolveImport } from "./module-path.ts";
import { plainText } from "./plain-text.ts";
import { faultDiagnostic, replace, spanOf } from "./reporter.ts";
import { reservedMeaning } from "./reserved.ts";
import { oneOf, suggest } from "./suggest.ts";
import type { GlobalSymbol } from "./symbol.ts";

export interface BoundImports {
  /** Declared and imported names. */
  readonly names: ReadonlyMap<string, GlobalSymbol>;
  /** Imported names that could not be found: whoever mentions one stays silent. */
  readonly broken: ReadonlySet<string>;
  /** What the names of the import statements mean. */
  readonly importSymbols: ReadonlyMap<Name, GlobalSymbol>;
  /** Of imports and doubled names. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Input {
  readonly host: SourceReader;
  readonly result: ParseResult;
  readonly parsed: ReadonlyMap<string, ParseResult>;
}

/** Gives every imported name its meaning. */
export function bindImports(input: Input): BoundImports {
  const binder = new ImportBinder(input);
  for (const node of input.result.tree.imports) binder.bind(node);
  return binder;
}

class ImportBinder implements BoundImports {
  readonly names: Map<string, GlobalSymbol>;
  readonly broken: Set<string>;
  readonly importSymbols = new Map<Name, GlobalSymbol>();
  readonly diagnostics: Diagnostic[];
  readonly #input: Input;
  readonly #file: string;
  readonly #declared: FileFacts["declared"];
  /** Imported names as they are written here. */
  readonly #imported = new Map<string, Name>();

  constructor(input: Input) {
    this.#input = input;
    this.#file = input.result.file;
    const facts = fileFacts(input.result);
    this.#declared = facts.declared;
    this.names = new Map();
    for (const symbol of facts.symbols) this.names.set(symbol.name, symbol);
    this.broken = new Set(facts.unsure);
    this.diagnostics = [...facts.diagnostics];
  }

  bind(node: Import): void {
    const specifier = plainText(node.from);
    const path = specifier === undefined ? undefined : resolveImport(this.#file, specifier);
    const target = path === undefined ? undefined : this.#input.parsed.get(path);
    if (target === undefined) {
      // An empty path is what the parser puts where it found none.
      if (specifier !== "") this.#reportModule(node, specifier);
      for (const { name, alias } of node.names) this.broken.add((alias ?? name).text);
      return;
    }
    for (const name of node.names) this.#bindName(name, target);
  }

  #bindName(node: ImportName, target: ParseResult): void {
    const local = node.alias ?? node.name;
    if (node.name.text === "" || local.text === "") return;
    const found = fileFacts(target).declared.get(node.name.text);
    if (found === undefined) {
      const { unsure, damage } = fileFacts(target);
      if (!unsure.has(node.name.text) && !damage.lostNames) this.#reportName(node, target);
      this.broken.add(local.text);
      return;
    }
    this.importSymbols.set(node.name, found.symbol);
    if (node.alias !== null) this.importSymbols.set(node.alias, found.symbol);
    if (!this.#isFree(local, found.symbol)) return;
    this.#imported.set(local.text, local);
    this.names.set(local.text, found.symbol);
  }

  #isFree(local: Name, symbol: GlobalSymbol): boolean {
    const first = this.#declared.get(local.text)?.node.name ?? this.#imported.get(local.text);
    const meaning = reservedMeaning(local.text, symbol.kind === "type" || symbol.kind === "role");
    if (first === undefined && meaning === undefined) return true;
    this.diagnostics.push(
      faultDiagnostic(this.#file, {
        code: "AF2002",
        at: local,
        message:
          first === undefined
            ? `\`${local.text}\` is the name of ${meaning}, so an import cannot have it`
            : `\`${local.text}\` is imported, but this file already has another \`${local.text}\``,
        ...(first === undefined
          ? {}
          : { related: [{ span: spanOf(this.#file, first), message: "the other one" }] }),
        help: `import it under another name: \`${symbol.name} as other\``,
      }),
    );
    return false;
  }

  #reportName({ name }: ImportName, target: ParseResult): void {
    const facts = fileFacts(target);
    const elsewhere = target.tree.imports.find((other) =>
      other.names.some((item) => (item.alias ?? item.name).text === name.text),
    );
    const near = suggest({
      file: this.#file,
      at: name,
      written: name.text,
      candidates: facts.declared.keys(),
    });
    const module = importSpecifier(this.#file, target.file);
    const origin = elsewhere === undefined ? undefined : plainText(elsewhere.from);
    this.diagnostics.push(
      faultDiagnostic(this.#file, {
        code: "AF2001",
        at: name,
        message: `\`${module}\` declares no \`${name.text}\``,
        help:
          origin === undefined
            ? (near.help ??
              (facts.declared.size === 0
                ? "the file declares nothing"
                : `it declares ${oneOf(
                    [...facts.declared.keys()].slice(0, 6).map((key) => `\`${key}\``),
                    "and",
                  )}`))
            : `\`${module}\` only imports it itself; import it from \`${origin}\`, seen from there`,
        fixes: origin === undefined ? near.fixes : [],
      }),
    );
  }

  #reportModule(node: Import, specifier: string | undefined): void {
    const file = this.#file;
    if (specifier === undefined) {
      this.diagnostics.push(
        faultDiagnostic(file, {
          code: "AF2005",
          at: node.from,
          message: "the path of an import is plain text, without `${ }`",
          help: 'write it out, such as `"./greetings"`',
        }),
      );
      return;
    }
    const bare = specifier.replace(/\.agentflow$/u, "");
    const isFile = (path: string): boolean => {
      const resolved = resolveImport(file, path);
      return (
        resolved !== undefined &&
        (this.#input.parsed.has(resolved) || this.#input.host.read(resolved) !== null)
      );
    };
    const isRelative = /^\.{0,2}\//u.test(bare);
    const mends = (isRelative ? [bare] : [bare, `./${bare}`, `std/${bare}`]).filter(
      (path) => path !== specifier && isFile(path),
    );
    const candidates = mends.length > 0 ? [] : didYouMean(specifier, this.#knownModules(specifier));
    const near = [...mends, ...candidates];
    this.diagnostics.push(
      faultDiagnostic(file, {
        code: "AF2005",
        at: node.from,
        message: `there is no module \`${specifier}\``,
        help:
          near.length > 0
            ? `did you mean ${oneOf(near.map((path) => `\`"${path}"\``))}?`
            : helpWithout(specifier, file),
        fixes: near.map((path) => ({
          title: `import from \`"${path}"\``,
          edits: [replace(file, node.from, JSON.stringify(path))],
          safe: mends.length === 1,
        })),
      }),
    );
  }

  *#knownModules(specifier: string): Iterable<string> {
    yield* ["std/slack", "std/web"];
    for (const path of this.#input.parsed.keys())
      if (path !== this.#file) yield importSpecifier(this.#file, path);
    const folder = (resolveImport(this.#file, specifier) ?? this.#file)
      .split("/")
      .slice(0, -1)
      .join("/");
    for (const path of this.#input.host.list?.(folder) ?? []) {
      if (path.endsWith(".agentflow") && path !== this.#file)
        yield importSpecifier(this.#file, path);
    }
  }
}

function helpWithout(specifier: string, file: string): string {
  const path = resolveImport(file, specifier);
  if (path === undefined)
    return 'write a path that starts with `./` or `../`, or a module of agentflow such as `"std/slack"`';
  if (specifier.startsWith("std/")) return "agentflow comes with `std/slack` and `std/web`";
  return `there is no file \`${path}\`; the path counts from the folder of this file`;
}
