import type { OpenAI } from "openai";

import { failure } from "../ports/call-outcome.ts";
import type { CallFailure } from "../ports/call-outcome.ts";
import type { Files } from "../ports/files.ts";
import type {
  EmbeddingReply,
  ModelProvider,
  ModelReply,
  ModelRequest,
  ModelTarget,
} from "../ports/model.ts";
import { loadAttachments } from "./attachment.ts";
import { chatBody, readChat } from "./openai-chat.ts";
import { openaiFailure } from "./openai-error.ts";
import { readEmbedding } from "./openai-embedding.ts";
import { readResponses, responsesBody } from "./openai-responses.ts";
import { strictSchema } from "./strict-schema.ts";

export interface OpenaiOptions {
  readonly files: Files;
  readonly now: () => number;
  /** Key for models that set none: what `OPENAI_API_KEY` holds. */
  readonly apiKey: string | undefined;
  /** Address for models that set none: what `OPENAI_BASE_URL` holds. */
  readonly baseUrl?: string | undefined;
  readonly fetch?: typeof fetch;
}

/**
 * Models of OpenAI, through its own SDK, and of every server that speaks its protocol. api.openai.com is
 * asked by the Responses API; any other address by Chat Completions, which is what compatible servers have.
 * The SDK is loaded with the first request, because most commands never make one.
 */
export function openaiProvider(options: OpenaiOptions): ModelProvider {
  const clients = new Map<string, Promise<OpenAI>>();
  const { files } = options;

  /** Finds who answers for this model, and puts what goes wrong with the question into words. */
  async function withClient<Reply>(
    target: ModelTarget,
    signal: AbortSignal,
    question: (client: OpenAI, official: boolean) => Promise<Reply>,
  ): Promise<Reply | CallFailure> {
    const baseUrl = target.baseUrl ?? options.baseUrl;
    const apiKey = target.apiKey ?? options.apiKey;
    const official = isOfficial(baseUrl);
    if (apiKey === undefined && official) {
      const text = `${target.name} has no key: set OPENAI_API_KEY, or apiKey of the model`;
      return failure("unauthorized", text);
    }
    // A compatible server on the own machine usually wants no key, but the SDK insists on one.
    const key = apiKey ?? "none";
    if (!/^[\x21-\x7e]+$/.test(key)) {
      const text = `the key of ${target.name} has spaces, line breaks or other characters that no key has`;
      return failure("unauthorized", text);
    }
    const place = `${baseUrl ?? ""} ${key}`;
    const client = clients.get(place) ?? createClient(key, baseUrl, options.fetch);
    clients.set(place, client);
    try {
      return await question(await client, official);
    } catch (error) {
      if (signal.aborted) return failure("cancelled", `the request to ${target.model} was stopped`);
      return openaiFailure(error, { model: target.model, apiKey: key, now: options.now() });
    }
  }

  return {
    ask: (request, signal) =>
      withClient<ModelReply>(request.target, signal, (client, official) =>
        ask({ client, request, signal, official, files }),
      ),
    embed: ({ target, text }, signal) =>
      withClient<EmbeddingReply>(target, signal, async (client) => {
        // The SDK would ask for packed numbers, which not every compatible server knows.
        const body = { model: target.model, input: text, encoding_format: "float" };
        return readEmbedding(await client.post<unknown>("/embeddings", { body, signal }), target);
      }),
  };
}

async function createClient(
  apiKey: string,
  baseUrl: string | undefined,
  send: typeof fetch | undefined,
): Promise<OpenAI> {
  const { OpenAI: Client } = await import("openai");
  return new Client({
    apiKey,
    baseURL: baseUrl ?? "https://api.openai.com/v1",
    // Every attempt is journalled, priced and limited by the runner, so the SDK makes exactly one.
    maxRetries: 0,
    // The runner's own time-outs end a request, through its signal.
    timeout: 24 * 60 * 60 * 1_000,
    organization: null,
    project: null,
    logLevel: "off",
    ...(send === undefined ? {} : { fetch: send }),
  });
}

async function ask(call: {
  readonly client: OpenAI;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly official: boolean;
  readonly files: Files;
}): Promise<ModelReply> {
  const { client, request, signal, official } = call;
  const format = request.output === null ? null : strictSchema(request.output);
  const attachments = await loadAttachments(request.messages, call.files);
  // Bodies hold `options` as the program wrote them, which no type of the SDK describes.
  if (official) {
    const body = responsesBody(request, format, attachments);
    const answer = await client.post<unknown>("/responses", { body, signal });
    return readResponses(recordOf(answer), request, format);
  }
  const body = chatBody(request, format, attachments);
  const answer = await client.post<unknown>("/chat/completions", { body, signal });
  return readChat(recordOf(answer), request, format);
}

/** The SDK gives text for an answer that does not call itself JSON, and null for an empty one. */
function recordOf(answer: unknown): object {
  const value: unknown = typeof answer === "string" ? JSON.parse(answer) : answer;
  return typeof value === "object" && value !== null ? value : {};
}

function isOfficial(baseUrl: string | undefined): boolean {
  if (baseUrl === undefined) return true;
  return URL.canParse(baseUrl) && /(^|\.)api\.openai\.com$/.test(new URL(baseUrl).hostname);
}
