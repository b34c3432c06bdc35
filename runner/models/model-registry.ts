import { failure } from "../ports/call-outcome.ts";
import type { ModelProvider } from "../ports/model.ts";

/** Providers by the word before the `/` in a model's `use`. */
export interface Providers {
  readonly openai: ModelProvider;
  readonly mock: ModelProvider;
}

/** Answered by a person: the worker keeps a task for it and never sends a request. */
export const humanProvider = "human";

/**
 * The one place that knows which providers there are. Another one is a file beside `openai-provider.ts`, an
 * entry in `Providers`, and nothing else.
 */
export function modelRegistry(providers: Providers): ModelProvider {
  const find = (provider: string): ModelProvider | undefined =>
    isKnown(provider) ? providers[provider] : undefined;
  return {
    async ask(request, signal) {
      const { provider } = request.target;
      const found = find(provider);
      if (found === undefined) return failure("unavailable", unsupported(provider));
      return found.ask(request, signal);
    },
    async embed(request, signal) {
      const { provider } = request.target;
      const found = find(provider);
      if (found === undefined) return failure("unavailable", unsupported(provider));
      return found.embed(request, signal);
    },
  };
}

/** Null when models of this provider can be asked; else why not and what to do. */
export function checkProvider(provider: string): string | null {
  return isKnown(provider) || provider === humanProvider ? null : unsupported(provider);
}

function isKnown(provider: string): provider is keyof Providers {
  return provider === "openai" || provider === "mock";
}

function unsupported(provider: string): string {
  return `models of ${provider} can't be asked by this version, which supports openai (and any server that speaks its protocol, by baseUrl), human and mock; use one of these, or run with --mock`;
}
