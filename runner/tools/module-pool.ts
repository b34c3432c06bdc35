import type { ModuleProcess } from "./module-process.ts";

/** Kept warm per module: a process takes tens of milliseconds to start. */
const warm = 2;
/** How long the others stay: a fan-out ends many calls at once, and needs as many processes again a moment later. */
const restMs = 5_000;

/** Processes of modules between their calls. */
export class ModulePool {
  readonly #most: number;
  readonly #start: (url: string, module: string) => ModuleProcess;
  readonly #idle = new Map<string, ModuleProcess[]>();
  readonly #all = new Set<ModuleProcess>();
  readonly #resting = new Map<string, NodeJS.Timeout>();

  /** Of more than `most` processes those that are not warm end at once. */
  constructor(options: {
    readonly most: number;
    readonly start: (url: string, module: string) => ModuleProcess;
  }) {
    this.#most = options.most;
    this.#start = options.start;
  }

  take(url: string, module: string): ModuleProcess {
    const hosts = this.#idle.get(url) ?? [];
    for (let host = hosts.pop(); host !== undefined; host = hosts.pop()) {
      if (host.alive) return host;
      this.#all.delete(host);
    }
    const host = this.#start(url, module);
    this.#all.add(host);
    return host;
  }

  giveBack(url: string, host: ModuleProcess): void {
    const hosts = this.#idle.get(url) ?? [];
    this.#idle.set(url, hosts);
    const isCrowded = hosts.length >= warm && this.#all.size > this.#most;
    if (!host.alive || isCrowded) {
      this.#end(host);
      return;
    }
    hosts.push(host);
    if (hosts.length > warm && !this.#resting.has(url))
      this.#resting.set(url, setTimeout(() => this.#rest(url), restMs).unref());
  }

  async close(): Promise<void> {
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
    this.#idle.clear();
    await Promise.all([...this.#all].map((host) => host.end()));
    this.#all.clear();
  }

  /** A while after the first one too many became idle, all that are idle then end but the warm ones. */
  #rest(url: string): void {
    this.#resting.delete(url);
    for (const host of (this.#idle.get(url) ?? []).splice(warm)) this.#end(host);
  }

  #end(host: ModuleProcess): void {
    this.#all.delete(host);
    void host.end();
  }
}
