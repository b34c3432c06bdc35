// 05: reserve, charge, ship; what was done is undone in reverse order when a later step fails.
import { afterEach, expect, test } from "vitest";

import { RecordingServer } from "./recording-server.ts";
import type { Route } from "./recording-server.ts";
import { runProgram } from "./run-program.ts";
import type { Finished } from "./run-program.ts";

const order = {
  id: "o-1",
  items: [{ sku: "book", count: 2 }],
  cardToken: "tok",
  total: 24.5,
  address: "1 Main Street",
};

let server: RecordingServer;

afterEach(async () => {
  await server.close();
});

async function place(routes: { readonly [route: string]: Route }): Promise<Finished> {
  server = await RecordingServer.start({
    "POST /reservations": { id: "r-1" },
    "DELETE /reservations": () => ({ status: 204 }),
    "POST /charges": { id: "c-1" },
    "POST /charges/c-1/refund": () => ({ status: 204 }),
    "POST /shipments": { id: "s-1", trackingCode: "T-1" },
    ...routes,
  });
  const { url } = server;
  return await runProgram({
    program: "05-order-saga",
    flow: "placeOrder",
    input: { order },
    variables: { STOCK_URL: url, PAY_URL: url, SHIP_URL: url, PAY_KEY: "pay-key", API_TOKEN: "t" },
  });
}

test("an order is reserved, charged and shipped, in this order, each call with a key of its own", async () => {
  const { run } = await place({});
  expect(run.output).toEqual({ status: "confirmed", trackingCode: "T-1" });
  expect(server.calls()).toEqual(["POST /reservations", "POST /charges", "POST /shipments"]);
  const [reservation, charge, shipment] = server.requests;
  expect(reservation?.body).toEqual({ orderId: "o-1", items: order.items });
  expect(charge?.body).toEqual({ orderId: "o-1", cardToken: "tok", amount: 24.5 });
  expect(charge?.headers["authorization"]).toBe("Bearer pay-key");
  expect(shipment?.body).toEqual({ orderId: "o-1", address: order.address });
  const keys = server.requests.map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(3);
  expect(keys[0]).toContain(run.id);
});

test("a declined card releases the stock, and nothing is shipped", async () => {
  const { run } = await place({
    "POST /charges": () => ({ status: 402, body: { message: "declined" } }),
  });
  expect(run.status).toBe("succeeded");
  expect(run.output).toMatchObject({ status: "failed" });
  expect(server.calls()).toEqual([
    "POST /reservations",
    "POST /charges",
    "DELETE /reservations/r-1",
  ]);
});

test("when shipping fails, the charge is refunded before the stock is released", async () => {
  const { run, events } = await place({ "POST /shipments": () => ({ status: 400 }) });
  expect(run.output).toMatchObject({ status: "failed" });
  expect(server.calls()).toEqual([
    "POST /reservations",
    "POST /charges",
    "POST /shipments",
    "POST /charges/c-1/refund",
    "DELETE /reservations/r-1",
  ]);
  const undone = events.flatMap((event) =>
    event.kind === "activity.succeeded" && event.path.includes("!undo") ? [event.path] : [],
  );
  expect(undone).toEqual(["placeOrder.charged!undo", "placeOrder.reserved!undo"]);
});

test("a service that is down for a moment is asked again with the same key", async () => {
  const { run, events } = await place({
    "POST /charges": (_, nth) =>
      nth === 1 ? { status: 503, headers: { "retry-after": "0" } } : { body: { id: "c-1" } },
  });
  expect(run.output).toMatchObject({ status: "confirmed" });
  const charges = server.to("POST /charges");
  expect(charges.length).toBe(2);
  expect(new Set(charges.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  const failed = events.find((event) => event.kind === "activity.failed");
  expect(failed).toMatchObject({ path: "placeOrder.charged", attempt: 1, code: "unavailable" });
});
