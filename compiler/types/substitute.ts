import { nullType } from "./type.ts";
import type {
  DeclaredName,
  LiteralType,
  RecordField,
  RecordType,
  Type,
  UnionType,
} from "./type.ts";

export type TypeArguments = ReadonlyMap<string, Type>;

/** `type` with its type parameters replaced, by their ids; parameters that `args` lacks stay. */
export function substitute(type: Type, args: TypeArguments): Type {
  return args.size === 0 ? type : new Substitution(args).apply(type);
}

/** `T?`; what may be null already, or has failed, stays as it is. */
export function optional(type: Type): Type {
  switch (type.kind) {
    case "optional":
    case "null":
    case "error":
    case "json":
      return type;
    case "never":
      return nullType;
    default:
      return { kind: "optional", inner: type };
  }
}

class Substitution {
  readonly #args: TypeArguments;

  constructor(args: TypeArguments) {
    this.#args = args;
  }

  apply(type: Type): Type {
    switch (type.kind) {
      case "typeParameter":
        return this.#args.get(type.id) ?? type;
      case "optional":
        return optional(this.apply(type.inner));
      case "list": {
        const item = this.apply(type.item);
        return item === type.item ? type : { ...type, item };
      }
      case "record":
        return this.#record(type);
      case "union":
        return this.#union(type);
      case "role": {
        const args = type.args.map((arg) => this.apply(arg));
        return args.every((arg, index) => arg === type.args[index]) ? type : { ...type, args };
      }
      default:
        return type;
    }
  }

  /** Fields are substituted when asked for, because a record may contain itself. */
  #record(type: RecordType): RecordType {
    if (!mentionsParameter(type, new Set())) return type;
    return lazyRecord(type, this.#declared(type.declared), (inner) => this.apply(inner));
  }

  #declared(declared: DeclaredName | null): DeclaredName | null {
    if (declared === null || declared.args.length === 0) return declared;
    return { ...declared, args: declared.args.map((arg) => this.apply(arg)) };
  }

  #union(type: UnionType): Type {
    const members: readonly (LiteralType | RecordType)[] = type.members.map((member) =>
      member.kind === "record" ? this.#record(member) : member,
    );
    if (members.every((member, index) => member === type.members[index])) return type;
    return { ...type, declared: this.#declared(type.declared), members };
  }
}

function lazyRecord(
  type: RecordType,
  declared: DeclaredName | null,
  change: (inner: Type) => Type,
): RecordType {
  let fields: ReadonlyMap<string, RecordField> | undefined;
  return {
    kind: "record",
    declared,
    doc: type.doc,
    get fields() {
      fields ??= new Map(
        [...type.fields].map(([name, field]) => [name, { ...field, type: change(field.type) }]),
      );
      return fields;
    },
  };
}

function mentionsParameter(type: Type, seen: Set<Type>): boolean {
  switch (type.kind) {
    case "typeParameter":
      return true;
    case "optional":
      return mentionsParameter(type.inner, seen);
    case "list":
      return mentionsParameter(type.item, seen);
    case "role":
      return type.args.some((arg) => mentionsParameter(arg, seen));
    case "union":
      return type.members.some((member) => mentionsParameter(member, seen));
    case "record":
      if (seen.has(type)) return false;
      seen.add(type);
      for (const field of type.fields.values())
        if (mentionsParameter(field.type, seen)) return true;
      return false;
    default:
      return false;
  }
}
