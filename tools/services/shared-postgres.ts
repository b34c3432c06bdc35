import { once } from "node:events";
import { connect, createServer } from "node:net";

import { startPrivatePostgres, type PrivatePostgres } from "./private-postgres.ts";

/** Where the test files find the server that they share. */
const doorVariable = "AGENTFLOW_TEST_POSTGRES_DOOR";

/**
 * For `globalSetup`: one server for all test files, started when the first of them asks. What this opens meanwhile is a port that
 * nobody calls.
 */
export async function setup(): Promise<() => Promise<void>> {
  let server: Promise<PrivatePostgres> | undefined;
  const door = createServer((socket) => {
    socket.on("error", () => {});
    server ??= startPrivatePostgres();
    server.then(
      ({ url }) => socket.end(JSON.stringify({ url })),
      (error: unknown) => socket.end(JSON.stringify({ problem: String(error) })),
    );
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const address = door.address();
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  process.env[doorVariable] = String(address.port);
  return async () => {
    door.close();
    await (await server?.catch(() => undefined))?.stop();
  };
}

/** URL of the server that the test files of this run share. Each uses a schema of its own. */
export async function sharedPostgres(): Promise<string> {
  const socket = connect(Number(process.env[doorVariable]), "127.0.0.1");
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(socket, "end");
  socket.destroy();
  const answer = JSON.parse(text) as { readonly url?: string; readonly problem?: string };
  if (answer.url === undefined) throw new Error(answer.problem);
  return answer.url;
}
