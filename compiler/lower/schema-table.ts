import { canonicalJson } from "../../base/canonical-json.ts";
import { sha256 } from "../../base/sha256.ts";
import type { SchemaReference } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { schemaText } from "../../plan/schema-text.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { declaredKey, declaredText } from "../types/type-text.ts";
import type { RecordType, Type, UnionType } from "../types/type.ts";
import type { PlanNames } from "./plan-names.ts";
import { recordSchema, schemaOfBody, schemaOfType } from "./schema-of-type.ts";
import type { SchemaField, SchemaNames } from "./schema-of-type.ts";

/** Names longer than this are cut and told apart by a hash. */
const longestName = 80;

/** Collects the schemas a plan needs. A type that is used twice, or written twice alike, is there once. */
export class SchemaTable implements SchemaNames {
  readonly #schemas = new Map<SchemaReference, JsonSchema>();
  /** Declared types by declaration and arguments; they are added before their bodies, which may mention them. */
  readonly #declared = new Map<string, SchemaReference>();
  readonly #program: CheckedProgram;
  readonly #names: PlanNames;

  constructor(program: CheckedProgram, names: PlanNames) {
    this.#program = program;
    this.#names = names;
  }

  /** Name of the schema of `type` in the plan. */
  refer(type: Type): SchemaReference {
    if ((type.kind === "record" || type.kind === "union") && type.declared !== null)
      return this.declared(type);
    return this.#add(schemaOfType(type, this));
  }

  /** Name of the schema of a record of these fields, such as the arguments of a call. */
  referRecord(fields: Iterable<SchemaField>): SchemaReference {
    return this.#add(recordSchema(fields, this));
  }

  declared(type: RecordType | UnionType): SchemaReference {
    const { declared } = type;
    if (declared === null) return this.#add(schemaOfBody(type, this));
    const key = declaredKey(declared);
    const known = this.#declared.get(key);
    if (known !== undefined) return known;
    const name = this.#free(this.#names.ofType(declared.id, declaredText(declared)));
    this.#declared.set(key, name);
    this.#schemas.set(name, {});
    this.#schemas.set(name, schemaOfBody(type, this));
    return name;
  }

  fillersOf(role: GlobalSymbol): readonly { readonly name: string; readonly doc: string | null }[] {
    const fillers = this.#program.fillers.get(role.id) ?? [];
    return fillers.map((filler) => ({
      name: this.#names.of(filler),
      doc: this.#program.declarationOf(filler)?.doc ?? null,
    }));
  }

  /** All schemas, sorted by name. */
  all(): { readonly [name: SchemaReference]: JsonSchema } {
    const entries = [...this.#schemas].sort(([left], [right]) => (left < right ? -1 : 1));
    return Object.fromEntries(entries);
  }

  #add(schema: JsonSchema): SchemaReference {
    const text = schemaText(schema);
    const name = this.#free(text.length <= longestName ? text : shorten(text), schema);
    this.#schemas.set(name, schema);
    return name;
  }

  /** Texts leave out descriptions, so different schemas can have one text: the later ones get a number. */
  #free(name: SchemaReference, schema?: JsonSchema): SchemaReference {
    for (let other = 1; ; other += 1) {
      const candidate =
        other === 1 ? name : `${name} ~${schema === undefined ? other : fingerprint(schema)}`;
      const present = this.#schemas.get(candidate);
      if (present === undefined) return candidate;
      if (schema !== undefined && canonicalJson(present) === canonicalJson(schema))
        return candidate;
      if (other > 1 && schema !== undefined) return candidate;
    }
  }
}

function shorten(text: string): string {
  return `${text.slice(0, longestName - 11)}… ~${sha256(text).slice(0, 8)}`;
}

function fingerprint(schema: JsonSchema): string {
  return sha256(canonicalJson(schema)).slice(0, 8);
}
