import type { Json } from "../../plan/expression.ts";
import { failure } from "../ports/call-outcome.ts";
import { oneLine } from "../ports/one-line.ts";
import type { ModelMessage, ModelReply, ModelRequest } from "../ports/model.ts";
import type { Attachment } from "./attachment.ts";
import { finishAnswer, parseArguments, requestOptions, usageOf } from "./model-answer.ts";
import { formatName } from "./openai-responses.ts";
import { strictSchema, type StrictSchema } from "./strict-schema.ts";

/** Body of `POST /chat/completions`, which is what compatible servers speak. */
export function chatBody(
  request: ModelRequest,
  format: StrictSchema | null,
  attachments: ReadonlyMap<ModelMessage, readonly Attachment[]>,
): Record<string, Json> {
  const { target } = request;
  const options = requestOptions(target);
  const system = request.system === null ? [] : [{ role: "system", content: request.system }];
  const messages = request.messages.map((message) =>
    chatMessage(message, attachments.get(message) ?? []),
  );
  return {
    model: target.model,
    messages: [...system, ...messages],
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(chatTool) }),
    ...(format === null ? {} : { response_format: responseFormat(request, format) }),
    // The newer name of the limit, if the program uses it, stands alone: servers refuse both together.
    ...(request.maxOutputTokens === null || "max_completion_tokens" in options
      ? {}
      : { max_tokens: request.maxOutputTokens }),
    ...(target.temperature === undefined ? {} : { temperature: target.temperature }),
    ...options,
  };
}

function responseFormat(request: ModelRequest, format: StrictSchema): Json {
  const { schema, strict } = format;
  return { type: "json_schema", json_schema: { name: formatName(request.agent), schema, strict } };
}

function chatTool(tool: ModelRequest["tools"][number]): Json {
  const { schema, strict } = strictSchema(tool.input);
  return {
    type: "function",
    function: { name: tool.name, description: tool.description, parameters: schema, strict },
  };
}

function chatMessage(message: ModelMessage, attachments: readonly Attachment[]): Json {
  switch (message.role) {
    case "user":
      if (attachments.length === 0) return { role: "user", content: message.text };
      return {
        role: "user",
        content: [{ type: "text", text: message.text }, ...attachments.map(chatPart)],
      };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: message.text };
    case "assistant": {
      const calls = (message.calls ?? []).map((call) => ({
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: JSON.stringify(call.arguments) },
      }));
      const content = message.text === "" && calls.length > 0 ? null : message.text;
      return { role: "assistant", content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
    }
  }
}

function chatPart(attachment: Attachment): Json {
  switch (attachment.kind) {
    case "text":
      return { type: "text", text: attachment.text };
    case "image":
      return { type: "image_url", image_url: { url: attachment.dataUrl } };
    case "file":
      return { type: "file", file: { filename: attachment.name, file_data: attachment.dataUrl } };
  }
}

/** The parts of a completion that decide its outcome. Compatible servers leave out, or write otherwise, any of them. */
interface ChatAnswer {
  readonly error?: unknown;
  readonly choices?:
    | readonly {
        readonly finish_reason?: string | null;
        readonly message?: {
          readonly content?: string | readonly { readonly text?: unknown }[] | null;
          readonly refusal?: string | null;
          readonly tool_calls?: readonly ChatToolCall[] | null;
        } | null;
      }[]
    | null;
  readonly usage?: {
    readonly prompt_tokens?: number;
    readonly completion_tokens?: number;
  } | null;
}

interface ChatToolCall {
  readonly id?: string | null;
  readonly function?: { readonly name?: string; readonly arguments?: unknown };
}

export function readChat(
  answer: ChatAnswer,
  request: ModelRequest,
  format: StrictSchema | null,
): ModelReply {
  const { model } = request.target;
  const choice = answer.choices?.[0];
  const message = choice?.message ?? undefined;
  const text = textOf(message?.content);
  const { prompt_tokens: tokensIn, completion_tokens: tokensOut } = answer.usage ?? {};
  const usage = usageOf({ tokensIn, tokensOut }, { request, answer: message ?? null });
  const say = (code: string, words: string): ModelReply =>
    failure(code, `${model}${words}`, { usage });
  // Some gateways answer 200 and tell of the failure inside.
  if (message === undefined || choice?.finish_reason === "error")
    return say("unavailable", ` answered without a message${reasonIn(answer.error)}`);
  if (typeof message.refusal === "string" && message.refusal !== "")
    return say("refused", ` refused: ${oneLine(message.refusal)}`);
  if (choice?.finish_reason === "length")
    return say("truncated", ": the answer was cut off at the limit of output tokens");
  if (choice?.finish_reason === "content_filter")
    return say("filtered", ": the answer was stopped by the provider's content filter");
  const calls = (message.tool_calls ?? []).map((call, index) => ({
    // Results find their calls by id, so calls without one may not share the empty one.
    id: call.id === undefined || call.id === null || call.id === "" ? `call_${index + 1}` : call.id,
    name: call.function?.name ?? "",
    arguments: parseArguments(call.function?.arguments),
  }));
  return finishAnswer({ text, calls, usage, format, opaque: undefined });
}

/** Some servers give a list of parts, of which only those with text are an answer. */
function textOf(
  content: string | readonly { readonly text?: unknown }[] | null | undefined,
): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map(({ text }) => (typeof text === "string" ? text : "")).join("");
}

function reasonIn(error: unknown): string {
  if (typeof error === "string") return `: ${oneLine(error)}`;
  if (typeof error !== "object" || error === null || !("message" in error)) return "";
  return typeof error.message === "string" ? `: ${oneLine(error.message)}` : "";
}
