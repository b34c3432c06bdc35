import { once } from "node:events";
import { createServer } from "node:net";

import { expect, test } from "vitest";

import { PostgresDatabase } from "./postgres-database.ts";

/** A message of the server: its letter, its length, what it says. */
function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const welcome = message("R", Buffer.alloc(4));
const ready = message("Z", Buffer.from("I"));
const lastWords = message(
  "E",
  Buffer.from("SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"),
);

test("a connection whose end comes in one packet with its beginning takes nobody down", async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => {});
    socket.once("data", () => socket.end(Buffer.concat([welcome, ready, lastWords])));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const database = new PostgresDatabase({
    url: `postgres://somebody@127.0.0.1:${port}/nowhere`,
    schema: "agentflow",
    connections: 1,
    prepare: false,
    patienceMs: 60,
  });
  await expect(database.query("SELECT 1")).rejects.toMatchObject({ kind: "unreachable" });
  expect(connections).toBeGreaterThan(1);
  await database.close();
  server.close();
});
