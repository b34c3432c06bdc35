import { unreachable } from "../../base/assert.ts";
import type { Block, ConfigDeclaration, Declaration, Head, Import, Name } from "../syntax/tree.ts";
import { concat } from "./doc.ts";
import type { Doc } from "./doc.ts";
import { formatBlock, formatLet } from "./format-block.ts";
import { formatExpression } from "./format-expression.ts";
import { bracketed, closerBehind } from "./format-list.ts";
import type { FormatContext } from "./format-list.ts";
import { formatText } from "./format-text.ts";
import {
  formatShape,
  formatSignature,
  formatTypeArguments,
  formatTypeBehind,
} from "./format-type.ts";

export function formatDeclaration(context: FormatContext, node: Declaration | Import): Doc {
  switch (node.kind) {
    case "import":
      return formatImport(context, node);
    case "let":
      return formatLet(context, node);
    case "type": {
      const head = `type ${node.name.text}${typeParameters(node.params)}`;
      if (node.isShape && node.value.kind === "shape") {
        return concat([head, " ", formatShape(context, node.value)]);
      }
      return concat([head, " =", formatTypeBehind(context, node.value)]);
    }
    case "config":
      return formatConfig(context, node);
    case "role": {
      const head = `role ${node.name.text}${typeParameters(node.typeParams)}`;
      const signature = formatSignature(context, node.signature);
      if (node.block === null) return concat([head, signature]);
      return concat([head, signature, " ", formatBlock(context, node.block, { broken: false })]);
    }
    case "model": {
      const block = formatBlock(context, node.block, { broken: false });
      return concat([`model ${node.name.text} `, block]);
    }
    case "agent":
    case "tool":
      return formatCallable(context, node, { broken: false });
    case "flow":
      return formatCallable(context, node, { broken: true });
    case "test": {
      const title = formatText(context, node.title, formatExpression);
      return concat(["test ", title, " ", formatBlock(context, node.block, { broken: true })]);
    }
    default:
      return unreachable(node);
  }
}

function formatCallable(
  context: FormatContext,
  node: {
    readonly kind: "agent" | "tool" | "flow";
    readonly name: Name;
    readonly typeParams?: readonly Name[];
    readonly head: Head;
    readonly block: Block;
  },
  options: { readonly broken: boolean },
): Doc {
  const name = `${node.kind} ${node.name.text}${typeParameters(node.typeParams ?? [])}`;
  const head = formatHead(context, node.head);
  return concat([name, head, " ", formatBlock(context, node.block, options)]);
}

function formatHead(context: FormatContext, head: Head): Doc {
  if (head.kind === "signature") return formatSignature(context, head);
  return concat([`: ${head.role.text}`, formatTypeArguments(context, head.args)]);
}

function formatConfig(context: FormatContext, node: ConfigDeclaration): Doc {
  if (node.shape !== null) return concat(["config ", formatShape(context, node.shape)]);
  const environment = node.environment === null ? "" : `${node.environment.text} `;
  const block = node.block === null ? "" : formatBlock(context, node.block, { broken: false });
  return concat([`config ${environment}`, block]);
}

function formatImport(context: FormatContext, node: Import): Doc {
  const names = bracketed(context, {
    brackets: "{}",
    commas: true,
    items: node.names,
    end: closerBehind(context, node.names.at(-1)?.end ?? node.start),
    print: ({ name, alias }) => (alias === null ? name.text : `${name.text} as ${alias.text}`),
  });
  return concat(["import ", names, " from ", formatText(context, node.from, formatExpression)]);
}

function typeParameters(names: readonly Name[]): string {
  return names.length === 0 ? "" : `<${names.map(({ text }) => text).join(", ")}>`;
}
