import type { Json } from "../../plan/expression.ts";
import { failure } from "../ports/call-outcome.ts";
import { oneLine } from "../ports/one-line.ts";
import type { ModelMessage, ModelReply, ModelRequest, ModelToolCall } from "../ports/model.ts";
import type { Attachment } from "./attachment.ts";
import { finishAnswer, parseArguments, requestOptions, usageOf } from "./model-answer.ts";
import { codeOfResponseError } from "./openai-error.ts";
import { strictSchema, type StrictSchema } from "./strict-schema.ts";

/** Body of `POST /responses`. */
export function responsesBody(
  request: ModelRequest,
  format: StrictSchema | null,
  attachments: ReadonlyMap<ModelMessage, readonly Attachment[]>,
): Record<string, Json> {
  const { target } = request;
  const { text: textOptions, ...options } = requestOptions(target);
  const text = {
    ...(format === null ? {} : { format: textFormat(request, format) }),
    ...((textOptions ?? {}) as { readonly [name: string]: Json }),
  };
  return {
    model: target.model,
    ...(request.system === null ? {} : { instructions: request.system }),
    input: request.messages.flatMap((message) =>
      inputItems(message, attachments.get(message) ?? []),
    ),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toolItem) }),
    ...(Object.keys(text).length === 0 ? {} : { text }),
    ...(request.maxOutputTokens === null ? {} : { max_output_tokens: request.maxOutputTokens }),
    ...(target.temperature === undefined ? {} : { temperature: target.temperature }),
    // Without storage at the provider, reasoning can be handed back only in its encrypted form.
    ...(options["store"] === false ? { include: ["reasoning.encrypted_content"] } : {}),
    ...options,
  };
}

function textFormat(request: ModelRequest, format: StrictSchema): Json {
  return {
    type: "json_schema",
    name: formatName(request.agent),
    schema: format.schema,
    strict: format.strict,
  };
}

/** Providers allow letters, digits, `_` and `-`, at most 64. */
export function formatName(agent: string): string {
  return agent.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64);
}

function toolItem(tool: ModelRequest["tools"][number]): Json {
  const { schema, strict } = strictSchema(tool.input);
  return {
    type: "function",
    name: tool.name,
    description: tool.description,
    parameters: schema,
    strict,
  };
}

function inputItems(message: ModelMessage, attachments: readonly Attachment[]): readonly Json[] {
  switch (message.role) {
    case "user":
      return [
        {
          role: "user",
          content: [{ type: "input_text", text: message.text }, ...attachments.map(inputPart)],
        },
      ];
    case "tool":
      return [{ type: "function_call_output", call_id: message.callId, output: message.text }];
    case "assistant": {
      // Reasoning has to come back exactly as it was, in its place among the calls.
      if (Array.isArray(message.opaque)) return message.opaque as readonly Json[];
      const calls = (message.calls ?? []).map((call) => ({
        type: "function_call",
        call_id: call.id,
        name: call.name,
        arguments: JSON.stringify(call.arguments),
      }));
      return message.text === "" ? calls : [{ role: "assistant", content: message.text }, ...calls];
    }
  }
}

function inputPart(attachment: Attachment): Json {
  switch (attachment.kind) {
    case "text":
      return { type: "input_text", text: attachment.text };
    case "image":
      return { type: "input_image", image_url: attachment.dataUrl, detail: "auto" };
    case "file":
      return { type: "input_file", filename: attachment.name, file_data: attachment.dataUrl };
  }
}

/** The parts of a response that decide its outcome; everything may be absent on a compatible server. */
interface ResponsesAnswer {
  readonly status?: string | null;
  readonly error?: { readonly code?: string; readonly message?: string } | null;
  readonly incomplete_details?: { readonly reason?: string } | null;
  readonly output?: readonly OutputItem[];
  readonly usage?: { readonly input_tokens?: number; readonly output_tokens?: number } | null;
}

interface OutputItem {
  readonly type: string;
  readonly content?: readonly {
    readonly type: string;
    readonly text?: string;
    readonly refusal?: string;
  }[];
  readonly call_id?: string;
  readonly name?: string;
  readonly arguments?: string;
}

export function readResponses(
  answer: ResponsesAnswer,
  request: ModelRequest,
  format: StrictSchema | null,
): ModelReply {
  const { model } = request.target;
  const output = answer.output ?? [];
  const { input_tokens: tokensIn, output_tokens: tokensOut } = answer.usage ?? {};
  const usage = usageOf({ tokensIn, tokensOut }, { request, answer: output });
  const parts = output.flatMap((item) => (item.type === "message" ? (item.content ?? []) : []));
  const refusal = parts.find((part) => part.type === "refusal");
  if (refusal !== undefined)
    return failure("refused", `${model} refused: ${oneLine(refusal.refusal ?? "")}`, { usage });
  if (answer.status === "incomplete") {
    return answer.incomplete_details?.reason === "content_filter"
      ? failure("filtered", `${model}: the answer was stopped by the provider's content filter`, {
          usage,
        })
      : failure("truncated", `${model}: the answer was cut off at the limit of output tokens`, {
          usage,
        });
  }
  if (answer.status !== "completed" && answer.status !== undefined && answer.status !== null) {
    const text = oneLine(answer.error?.message ?? `the response ended as ${answer.status}`);
    return failure(codeOfResponseError(answer.error?.code), `${model}: ${text}`, { usage });
  }
  const calls: ModelToolCall[] = [];
  for (const item of output) {
    if (item.type !== "function_call") continue;
    calls.push({
      id: item.call_id ?? "",
      name: item.name ?? "",
      arguments: parseArguments(item.arguments),
    });
  }
  const text = parts.map((part) => (part.type === "output_text" ? (part.text ?? "") : "")).join("");
  const opaque = calls.length === 0 ? undefined : (output as unknown as Json);
  return finishAnswer({ text, calls, usage, format, opaque });
}
