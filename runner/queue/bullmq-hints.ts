import type { Redis } from "ioredis";

import { patientClient } from "./bullmq-clients.ts";
import { keyPrefix, type RedisSettings } from "./redis-settings.ts";

/** Tells all processes at once, and those that don't listen never: who misses a hint looks at the store a second later. */
export class HintChannel {
  private readonly settings: RedisSettings;
  private readonly client: Redis;
  private readonly name: string;
  private readonly listeners = new Set<(run: string) => void>();
  private subscriber: Redis | undefined;

  constructor(options: {
    readonly settings: RedisSettings;
    /** For sending; a connection that listens can't send. */
    readonly client: Redis;
    readonly name: string;
  }) {
    this.settings = options.settings;
    this.client = options.client;
    this.name = options.name;
  }

  send(run: string): void {
    for (const listener of this.listeners) listener(run);
    this.client.publish(this.channel, `${this.name} ${run}`).catch(() => {});
  }

  receive(listener: (run: string) => void): () => void {
    this.listeners.add(listener);
    if (this.subscriber === undefined) this.subscribe();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  /** The old connection may look alive without being so. */
  renew(): void {
    this.close();
    if (this.listeners.size > 0) this.subscribe();
  }

  close(): void {
    this.subscriber?.disconnect();
    this.subscriber = undefined;
  }

  private subscribe(): void {
    const subscriber = patientClient(this.settings.url, this.name);
    this.subscriber = subscriber;
    subscriber.on("message", (_channel: string, message: string) => {
      const space = message.indexOf(" ");
      // Its own hints have reached it already.
      if (message.slice(0, space) === this.name) return;
      for (const listener of this.listeners) listener(message.slice(space + 1));
    });
    subscriber.subscribe(this.channel).catch(() => {});
  }

  private get channel(): string {
    return `${keyPrefix(this.settings)}:hints`;
  }
}
