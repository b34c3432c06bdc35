import { afterEach, expect, test, vi } from "vitest";

import type { RunHead } from "../ports/store.ts";
import type { Transport } from "../ports/transport.ts";

/** As much of a store as transports look at: which runs are ready. */
export class ReadyRuns {
  readonly ready = new Map<string, { readonly priority: number }>();
  looks = 0;

  add(run: string, priority = 5): void {
    this.ready.set(run, { priority });
  }

  /** False when somebody else was faster. */
  claim(run: string): boolean {
    return this.ready.delete(run);
  }

  async runnable({ limit }: { readonly limit: number }): Promise<readonly string[]> {
    this.looks += 1;
    const all = [...this.ready].sort(([, a], [, b]) => b.priority - a.priority);
    return all.slice(0, limit).map(([run]) => run);
  }

  async head(run: string): Promise<RunHead | null> {
    const known = this.ready.get(run);
    return known === undefined ? null : ({ run, flow: "main", ...known } as RunHead);
  }
}

export interface TransportScene {
  readonly store: ReadyRuns;
  /** Another process, which takes `places` runs at once. */
  open(places: number): Promise<Transport>;
  close(): Promise<void>;
}

/** What every transport promises: a notice may be lost, doubled or late, but work that is ready is found, and places are kept. */
export function transportConformance(openScene: () => Promise<TransportScene>): void {
  const scenes: TransportScene[] = [];
  const transports: Transport[] = [];
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
    await Promise.all(scenes.splice(0).map((scene) => scene.close()));
  });

  async function scene(): Promise<TransportScene> {
    const made = await openScene();
    scenes.push(made);
    return made;
  }

  async function open(from: TransportScene, places = 10): Promise<Transport> {
    const made = await from.open(places);
    transports.push(made);
    return made;
  }

  test("a run that is ready and noticed reaches who receives", async () => {
    const here = await scene();
    const transport = await open(here);
    const taken: string[] = [];
    transport.receive(async (run) => here.store.claim(run) && taken.push(run) > 0);
    here.store.add("a");
    transport.notify("a", { priority: 10, flow: "main" });
    await vi.waitFor(() => expect(taken).toEqual(["a"]), { timeout: 3_000 });
    expect(transport.health()).toMatchObject({ ok: true, connected: true, problem: null });
  });

  test("work given notice of before anybody receives is found", async () => {
    const here = await scene();
    const transport = await open(here);
    if (!transport.handsOut) return;
    here.store.add("early");
    transport.notify("early");
    await transport.drain();
    const taken: string[] = [];
    transport.receive(async (run) => here.store.claim(run) && taken.push(run) > 0);
    await vi.waitFor(() => expect(taken).toEqual(["early"]), { timeout: 3_000 });
  });

  test("of many runs and several processes each run is taken, and no process has more than its places", async () => {
    const here = await scene();
    const all = await Promise.all([open(here, 3), open(here, 5)]);
    if (!all.every((transport) => transport.handsOut)) return;
    const taken: string[] = [];
    const most = [0, 0];
    for (const [index, transport] of all.entries()) {
      let held = 0;
      transport.receive(async (run) => {
        if (!here.store.claim(run)) return false;
        held += 1;
        most[index] = Math.max(most[index] ?? 0, held);
        await new Promise((resolve) => setImmediate(resolve));
        taken.push(run);
        held -= 1;
        return true;
      });
    }
    for (let index = 0; index < 60; index += 1) {
      here.store.add(`r${index}`);
      all[index % 2]?.notify(`r${index}`);
    }
    await vi.waitFor(() => expect(taken.length).toBe(60), { timeout: 5_000 });
    expect(new Set(taken).size).toBe(60);
    expect(most[0]).toBeLessThanOrEqual(3);
    expect(most[1]).toBeLessThanOrEqual(5);
  });

  test("a receiver that fails does not keep others from their work", async () => {
    const here = await scene();
    const transport = await open(here);
    if (!transport.handsOut) return;
    const taken: string[] = [];
    transport.receive(async (run) => {
      if (!here.store.claim(run)) return false;
      if (run === "bad") throw new Error("it can't be done");
      return taken.push(run) > 0;
    });
    for (const run of ["bad", "good"]) {
      here.store.add(run);
      transport.notify(run);
    }
    await vi.waitFor(() => expect(taken).toEqual(["good"]), { timeout: 3_000 });
  });

  test("who has stopped receiving is given nothing more", async () => {
    const here = await scene();
    const transport = await open(here);
    const seen: string[] = [];
    const stop = transport.receive(async (run) => here.store.claim(run) && seen.push(run) > 0);
    here.store.add("a");
    transport.notify("a");
    await vi.waitFor(() => expect(seen).toEqual(["a"]), { timeout: 3_000 });
    stop();
    here.store.add("b");
    transport.notify("b");
    await transport.drain();
    expect(seen).toEqual(["a"]);
  });

  test("a hint reaches its own process at once", async () => {
    const here = await scene();
    const transport = await open(here);
    const seen: string[] = [];
    const stop = transport.receiveCancelHints((run) => seen.push(run));
    transport.cancelHint("a");
    expect(seen).toEqual(["a"]);
    stop();
    transport.cancelHint("b");
    expect(seen).toEqual(["a"]);
  });

  test("after the end nothing happens, however often it is told to end", async () => {
    const here = await scene();
    const transport = await open(here);
    const seen: string[] = [];
    transport.receive(async (run) => seen.push(run) > 0);
    await transport.close();
    await transport.close();
    transport.notify("a");
    transport.cancelHint("a");
    await transport.drain();
    expect(seen).toEqual([]);
  });
}
