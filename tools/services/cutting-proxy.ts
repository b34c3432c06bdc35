import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface CuttingProxy {
  readonly port: number;
  /**
   * From now on, of each connection whose client sends `word`, what was sent still arrives, but the connection breaks before the answer
   * gets back; as often as told.
   */
  readonly cutAfter: (word: string, times: number) => void;
  /** How many connections were cut. */
  readonly cuts: () => number;
  readonly stop: () => Promise<void>;
}

/** Stands between a client and a server on this machine, and loses answers. */
export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let word = "";
  let left = 0;
  let cuts = 0;
  const proxy = createServer((client) => {
    const server = connect(serverPort, "127.0.0.1");
    let deaf = false;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => {
      if (left > 0 && chunk.includes(word)) {
        left -= 1;
        cuts += 1;
        deaf = true;
      }
      server.write(chunk);
    });
    server.on("data", (chunk: Buffer) => {
      // The server has done what it was told; nobody will hear of it.
      if (deaf) client.destroy();
      else client.write(chunk);
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return {
    port: address.port,
    cutAfter(wanted, times) {
      word = wanted;
      left = times;
    },
    cuts: () => cuts,
    async stop() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, "close");
    },
  };
}
