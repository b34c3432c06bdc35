import type { FileValue } from "../../plan/expression.ts";
import type { Files } from "../ports/files.ts";
import type { ModelMessage } from "../ports/model.ts";

/** A file in a form that providers take. */
export type Attachment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "image"; readonly dataUrl: string }
  | { readonly kind: "file"; readonly name: string; readonly dataUrl: string };

/** Loads the files that messages mention. A file whose bytes are gone is told to the model by name only. */
export async function loadAttachments(
  messages: readonly ModelMessage[],
  files: Files,
): Promise<ReadonlyMap<ModelMessage, readonly Attachment[]>> {
  const loaded = new Map<ModelMessage, readonly Attachment[]>();
  for (const message of messages) {
    if (message.role !== "user" || message.files === undefined || message.files.length === 0)
      continue;
    loaded.set(message, await Promise.all(message.files.map((file) => attach(file, files))));
  }
  return loaded;
}

async function attach(file: FileValue, files: Files): Promise<Attachment> {
  const bytes = await files.read(file.sha256);
  if (bytes === undefined)
    return { kind: "text", text: `(The file ${file.name} is no longer available.)` };
  if (file.mime.startsWith("text/") || file.mime === "application/json") {
    return { kind: "text", text: `File ${file.name}:\n${new TextDecoder().decode(bytes)}` };
  }
  const dataUrl = `data:${file.mime};base64,${Buffer.from(bytes).toString("base64")}`;
  return file.mime.startsWith("image/")
    ? { kind: "image", dataUrl }
    : { kind: "file", name: file.name, dataUrl };
}
