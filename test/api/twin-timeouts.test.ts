import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { ArgaTimeout } from "../../src/api/errors.ts";
import { Transport } from "../../src/api/transport.ts";

/** The waiting is undici's own, by fake timers: nobody waits a minute for a test. */
const closers: (() => Promise<unknown> | unknown)[] = [];

// Once for all: undici keeps one timer for as long as the process lives.
beforeAll(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterAll(() => vi.useRealTimers());

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Sends one request; once `isUnderWay`, lets time pass until it ends. */
async function timedOut(url: string, method: "GET" | "POST", isUnderWay: Promise<unknown>): Promise<unknown> {
  const arga = new Transport({ url, key: "arga_sk_x" });
  closers.unshift(() => arga.destroy());
  let thrown: unknown;
  const call = arga
    .request({ method, path: "/twin-runs", route: "/twin-runs", schema: z.unknown() })
    .catch((error: unknown) => {
      thrown = error;
    });
  await isUnderWay;
  for (let seconds = 0; seconds < 70 && thrown === undefined; seconds++)
    await vi.advanceTimersByTimeAsync(1_000);
  await call;
  return thrown;
}

test.each(["GET", "POST"] as const)(
  "a %s that is never answered ends, and nobody knows whether it was done",
  async (method) => {
    let arrived = (): void => {};
    const isUnderWay = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let requests = 0;
    const port = await portOf(
      createHttp((request) => {
        requests++;
        closers.unshift(() => request.socket.destroy());
        arrived();
      }),
    );
    const error = await timedOut(`http://127.0.0.1:${port}`, method, isUnderWay);
    expect(error).toBeInstanceOf(ArgaTimeout);
    expect(error).toMatchObject({ sent: "maybe", route: `${method} /twin-runs` });
    expect(requests).toBe(1);
  },
);

test("a connection that is never made ends, and nothing was done", async () => {
  let arrived = (): void => {};
  const isUnderWay = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const port = await portOf(
    createServer((socket) => {
      socket.on("error", () => {});
      closers.unshift(() => socket.destroy());
      arrived();
    }),
  );
  // The TCP connection stands, TLS is never answered.
  const error = await timedOut(`https://127.0.0.1:${port}`, "POST", isUnderWay);
  expect(error).toBeInstanceOf(ArgaTimeout);
  expect(error).toMatchObject({ sent: "no" });
});
