import type { Code } from "../diagnostics/codes.ts";
import type { Diagnostic, Edit, Fix } from "../diagnostics/diagnostic.ts";
import type { Name, Node, UnionMember } from "./tree.ts";

/**
 * What people write out of habit from other languages. Each is understood as meant, reported once, and carries the
 * one edit that mends it; applying all edits of a file gives a file without them and with the same tree.
 */
interface Habit {
  readonly code: Code;
  readonly file: string;
  readonly at: Node;
  readonly message: string;
  readonly help?: string;
  readonly fix: string;
  readonly edits: readonly { readonly at: Node; readonly text: string }[];
}

function report({ code, file, at, message, help, fix, edits }: Habit): Diagnostic {
  const mend: Fix = {
    title: fix,
    edits: edits.map((edit): Edit => ({
      span: { file, start: edit.at.start, end: edit.at.end },
      text: edit.text,
    })),
    safe: true,
  };
  const span = { file, start: at.start, end: at.end };
  const base = { code, severity: "error" as const, message, span, fixes: [mend] };
  return help === undefined ? base : { ...base, help };
}

/** Is this the code of a habit, which leaves the meaning of the text in no doubt? */
export function isHabit({ code }: Diagnostic): boolean {
  return code >= "AF1010" && code <= "AF1020";
}

const statementNames: Readonly<Record<string, string>> = {
  step: "a step",
  let: "a `let`",
  state: "a state",
  on: "a trigger",
  expect: "an `expect`",
  action: "an action",
  import: "an import",
};

export const habit = {
  semicolon(file: string, at: Node, replacement: "" | ","): Diagnostic {
    return report({
      code: "AF1010",
      file,
      at,
      message:
        replacement === "" ? "no `;` is needed here" : "items are separated by `,`, not by `;`",
      help: replacement === "" ? "a line needs no sign at its end" : "write `,`",
      fix: replacement === "" ? "remove the `;`" : "write `,`",
      edits: [{ at, text: replacement }],
    });
  },

  strictEquality(file: string, at: Node, isNegated: boolean): Diagnostic {
    const [written, meant] = isNegated ? ["!==", "!="] : ["===", "=="];
    return report({
      code: "AF1011",
      file,
      at,
      message: `\`${written}\` is written \`${meant}\``,
      help: `\`${meant}\` never converts, so there is no need for a second kind of equality`,
      fix: `write \`${meant}\``,
      edits: [{ at, text: meant ?? "" }],
    });
  },

  removedWord(
    file: string,
    at: Node,
    { word, upTo }: { word: "await" | "async" | "export"; upTo: number },
  ): Diagnostic {
    const facts = {
      await: {
        code: "AF1012" as const,
        message: "a step waits by itself for what it mentions; `await` is not needed",
      },
      async: {
        code: "AF1018" as const,
        message: "every flow runs in the background; `async` is not needed",
      },
      export: {
        code: "AF1020" as const,
        message: "every declaration of a file can be imported; `export` is not needed",
      },
    }[word];
    return report({
      ...facts,
      file,
      at,
      fix: `remove \`${word}\``,
      edits: [{ at: { start: at.start, end: upTo }, text: "" }],
    });
  },

  constant(
    file: string,
    at: { start: number; end: number; image: string },
    meant: "let" | "step",
  ): Diagnostic {
    return report({
      code: "AF1013",
      file,
      at: { start: at.start, end: at.end },
      message:
        meant === "let"
          ? `a name for a value is given with \`let\`, not with \`${at.image}\``
          : `a name for an action is given with \`step\`, not with \`${at.image}\``,
      help: "`step name = …` runs an action, `let name = …` only calculates; neither ever changes",
      fix: `write \`${meant}\``,
      edits: [{ at, text: meant }],
    });
  },

  quotes(file: string, at: Node, { sign, text }: { sign: "'" | "`"; text: string }): Diagnostic {
    const isBlock = text.startsWith('"""');
    return report({
      code: sign === "'" ? "AF1014" : "AF1015",
      file,
      at,
      message: `text stands between ${isBlock ? '`"""`' : '`"`'} quotes, not between \`${sign}\``,
      help: isBlock
        ? '`"""` holds text over several lines; their common indentation is no part of it'
        : 'values are inserted with `${…}` between `"` quotes',
      fix: `write ${isBlock ? '`"""`' : '`"`'} quotes`,
      edits: [{ at, text }],
    });
  },

  returns(file: string, at: Node): Diagnostic {
    return report({
      code: "AF1016",
      file,
      at,
      message: "the value of a block is given by its setting `output:`, not by `return`",
      help: "all steps of a block run, wherever `output:` stands",
      fix: "write `output:`",
      edits: [{ at, text: "output:" }],
    });
  },

  equalsForColon(file: string, at: Node, key: string): Diagnostic {
    return report({
      code: "AF1017",
      file,
      at,
      message: `the value of \`${key}\` follows \`:\`, not \`=\``,
      help: "`:` describes, as in `model: fast`; `=` names, as in `step x = …` and `let x = …`",
      fix: "write `:`",
      edits: [{ at, text: ":" }],
    });
  },

  colonForEquals(
    file: string,
    at: Node,
    { keyword, name }: { keyword: string; name: string },
  ): Diagnostic {
    return report({
      code: "AF1017",
      file,
      at,
      message: `the ${keyword === "let" ? "value" : "action"} of \`${keyword} ${name}\` follows \`=\`, not \`:\``,
      help: "`=` names, as in `step x = …`; behind `:` stands a type, or the value of a setting",
      fix: "write `=`",
      edits: [{ at, text: " =" }],
    });
  },

  assignment(
    file: string,
    at: { start: number; end: number; image: string },
    meant: "let" | "step",
  ): Diagnostic {
    const start = { start: at.start, end: at.start };
    return report({
      code: "AF1017",
      file,
      at: { start: at.start, end: at.end },
      message: `the new name \`${at.image}\` needs \`${meant}\` in front of it`,
      help: "`step name = …` runs an action, `let name = …` only calculates, `name: …` is a setting",
      fix: `write \`${meant} ${at.image}\``,
      edits: [{ at: start, text: `${meant} ` }],
    });
  },

  wordBefore(
    file: string,
    at: { start: number; end: number; image: string },
    meant: "let" | "step",
  ): Diagnostic {
    return report({
      code: "AF1017",
      file,
      at: { start: at.start, end: at.end },
      message: `\`${at.image}\` stands where \`${meant}\` belongs`,
      help: "`step name = …` runs an action, `let name = …` only calculates, `name: …` is a setting",
      fix: `write \`${meant}\``,
      edits: [{ at, text: meant }],
    });
  },

  commaAfterStatement(file: string, at: Node, kind: string): Diagnostic {
    return report({
      code: "AF1019",
      file,
      at: { start: at.start, end: at.end },
      message: `no \`,\` stands behind ${statementNames[kind] ?? "a declaration"}`,
      help: "commas separate settings, fields and items",
      fix: "remove the `,`",
      edits: [{ at, text: "" }],
    });
  },

  enumeration(
    { file, text }: { file: string; text: string },
    { start, end, name, members }: Node & { name: Name; members: readonly UnionMember[] },
  ): Diagnostic {
    const literals = members.map(({ type }) =>
      type.kind === "literalType" ? textOf(type.value.parts) : "",
    );
    const union = literals.map((literal) => JSON.stringify(literal)).join(" | ");
    const isPlain = !text.slice(start, end).includes("//");
    const meant = isPlain
      ? `type ${name.text} = ${union}`
      : commented(text, { start, end, name, members });
    return report({
      code: "AF1020",
      file,
      at: { start, end: start + "enum".length },
      message: "a choice between names is written as a union of texts, not as `enum`",
      help: `write \`type ${name.text} = ${literals.length > 4 ? '"a" | "b"' : union}\``,
      fix: "write it as a union",
      edits: [{ at: { start, end }, text: meant }],
    });
  },

  interface(file: string, at: Node): Diagnostic {
    return report({
      code: "AF1020",
      file,
      at,
      message: "the fields of a record are declared with `type`, not with `interface`",
      fix: "write `type`",
      edits: [{ at, text: "type" }],
    });
  },

  undefined(file: string, at: Node): Diagnostic {
    return report({
      code: "AF1020",
      file,
      at,
      message: "what is absent is `null`; there is no `undefined`",
      fix: "write `null`",
      edits: [{ at, text: "null" }],
    });
  },
};

function textOf(parts: readonly { kind: string; text?: string }[]): string {
  return parts.map((part) => part.text ?? "").join("");
}

/** An `enum` with comments keeps them: one member per line, each behind its comments. */
function commented(
  text: string,
  { end, name, members }: Node & { name: Name; members: readonly UnionMember[] },
): string {
  const open = text.indexOf("{", name.end) + 1;
  let position = open;
  let written = `type ${name.text} =`;
  for (const member of members) {
    const before = text.slice(position, member.start).replace(/^[^/\n]*,/, "");
    const literal = member.type.kind === "literalType" ? textOf(member.type.value.parts) : "";
    written += `${/^\s*$/.test(before) ? "\n  " : before.trimEnd().replace(/^(?!\n)/, "\n  ") + "\n  "}| ${JSON.stringify(literal)}`;
    position = member.end;
  }
  const rest = text
    .slice(position, end - 1)
    .replace(/^[^/\n]*/, "")
    .trimEnd();
  return written + (rest === "" ? "" : ` ${rest.trimStart()}`);
}
