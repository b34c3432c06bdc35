import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { readValue, typeName } from "../parameters/read-value.ts";
import type { ValueContext } from "../parameters/read-value.ts";
import { fieldsOf, memberChoices, resolved, shapeOf } from "../parameters/shape.ts";
import type { Field, SchemaScope } from "../parameters/shape.ts";
import { UserMistake } from "../user-mistake.ts";

/** How a form talks to a person; `ask` gives null when the person has left (Ctrl-D). */
export interface FormDialogue {
  say(line: string): void;
  ask(prompt: string): Promise<string | null>;
}

export interface FormOptions extends Omit<ValueContext, "place"> {
  readonly dialogue: FormDialogue;
}

/** The person has left the form. */
export class FormLeft extends Error {
  override readonly name = "FormLeft";
}

/** Asks for a value of the schema, field by field. Throws `FormLeft`. */
export async function fillForm(schema: JsonSchema, options: FormOptions): Promise<Json> {
  const { shape, nullable } = shapeOf(schema, options.scope);
  if (shape.kind === "record") return await fillRecord(shape.fields, {}, options);
  if (shape.kind === "union") return await fillUnion(shape.members, options);
  return await fillField({ name: "answer", schema, doc: undefined }, options, nullable);
}

async function fillRecord(
  fields: readonly Field[],
  known: { readonly [name: string]: Json },
  options: FormOptions,
): Promise<Json> {
  const values: Record<string, Json> = { ...known };
  for (const field of fields) {
    if (Object.hasOwn(known, field.name)) continue;
    values[field.name] = await fillField(
      field,
      options,
      shapeOf(field.schema, options.scope).nullable,
    );
  }
  return values;
}

async function fillUnion(members: readonly JsonSchema[], options: FormOptions): Promise<Json> {
  const choice = memberChoices(members, options.scope);
  if (choice === undefined)
    return await fillField(
      { name: "answer", schema: { anyOf: [...members] }, doc: undefined },
      options,
      false,
    );
  for (const { value, member } of choice.choices) {
    const { description } = resolved(member, options.scope);
    options.dialogue.say(`  ${value}${typeof description === "string" ? `: ${description}` : ""}`);
  }
  const schema = { enum: choice.choices.map(({ value }) => value) };
  const chosen = await fillField({ name: choice.field, schema, doc: undefined }, options, false);
  const member = choice.choices.find(({ value }) => value === chosen)?.member ?? {};
  return await fillRecord(fieldsOf(member), { [choice.field]: chosen }, options);
}

async function fillField(field: Field, options: FormOptions, nullable: boolean): Promise<Json> {
  const { shape } = shapeOf(field.schema, options.scope);
  if (shape.kind === "list") return await fillList(field, shape.item, options);
  const prompt = fieldPrompt(field, options.scope, nullable);
  for (;;) {
    const typed = await asked(prompt, options.dialogue);
    if (typed === "" && nullable) return null;
    const value = accepted(typed, field, options);
    if (value !== undefined) return value;
  }
}

async function fillList(field: Field, item: JsonSchema, options: FormOptions): Promise<Json> {
  const items: Json[] = [];
  options.dialogue.say(`  ${field.name}: one a line, an empty line ends the list${docText(field)}`);
  for (;;) {
    const typed = await asked(`  ${field.name} ${items.length + 1}: `, options.dialogue);
    if (typed === "") return items;
    const value = accepted(typed, { name: field.name, schema: item, doc: undefined }, options);
    if (value !== undefined) items.push(value);
  }
}

function accepted(typed: string, field: Field, options: FormOptions): Json | undefined {
  const { shape } = shapeOf(field.schema, options.scope);
  const meant = shape.kind === "choice" ? (startOfOne(typed, shape.choices) ?? typed) : typed;
  try {
    return readValue(meant, field.schema, { ...options, place: field.name });
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    options.dialogue.say(`  ${error.message}; ${error.hints[0] ?? ""}`);
    return undefined;
  }
}

/** `a` is enough for `approve` if no other choice begins so. */
function startOfOne(typed: string, choices: readonly string[]): string | undefined {
  if (typed === "") return undefined;
  const meant = choices.filter((choice) => choice.toLowerCase().startsWith(typed.toLowerCase()));
  return meant.length === 1 ? meant[0] : undefined;
}

async function asked(prompt: string, dialogue: FormDialogue): Promise<string> {
  const typed = await dialogue.ask(prompt);
  if (typed === null) throw new FormLeft("the form was left");
  return typed.trim();
}

function fieldPrompt(field: Field, scope: SchemaScope, nullable: boolean): string {
  const { shape } = shapeOf(field.schema, scope);
  const type =
    shape.kind === "choice"
      ? shape.choices.join(" | ")
      : shape.kind === "bool"
        ? "yes | no"
        : typeName(field.schema, scope);
  return `  ${field.name} (${type}${nullable ? ", may be empty" : ""})${docText(field)}: `;
}

function docText({ doc }: Field): string {
  return doc === undefined ? "" : ` ${doc.split("\n")[0] ?? ""}`;
}
