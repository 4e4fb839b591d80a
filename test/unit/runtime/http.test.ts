import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { Gauge } from "prom-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serveHealth } from "../../../src/runtime/health.ts";
import { HttpServer } from "../../../src/runtime/http.ts";
import { Metrics } from "../../../src/runtime/metrics.ts";

let server: HttpServer;
let port: number;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  server = new HttpServer(pino({ level: "silent" }));
  server.on("/hello", (_request, response) => void response.end("hello"));
  server.on("/echo", async (request, response) => void response.end(await text(request)));
  port = await server.listen(0);
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  server.destroy();
});

function open(): Socket {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  return socket;
}

/** How long it stays open, in ms, if this is followed by one byte each half second. */
async function dribble(begin: string): Promise<number> {
  const socket = open();
  const begun = performance.now();
  socket.write(begin);
  const timer = setInterval(() => socket.write("x"), 500);
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  return performance.now() - begun;
}

test("a request that dribbles in is cut after ten seconds: its headers, its body, a body that nobody reads", async () => {
  const post = (path: string): string => `POST ${path} HTTP/1.1\r\nhost: bot\r\ncontent-length: 1000\r\n\r\n`;
  const lasted = await Promise.all(
    ["GET /hello HTTP/1.1\r\nhost: ", post("/echo"), post("/hello")].map(dribble),
  );
  for (const ms of lasted) {
    expect(ms).toBeGreaterThan(9_000);
    expect(ms).toBeLessThan(13_000);
  }
});

test("an idle connection is kept for longer than the 60 s of the usual balancer", async () => {
  const { headers } = await fetch(`http://127.0.0.1:${port}/hello`);
  expect(headers.get("keep-alive")).toBe("timeout=75");
});

describe("metrics", () => {
  /** How often they were read; as slow as a Redis with many runs. */
  let reads: number;

  beforeEach(() => {
    reads = 0;
    const metrics = new Metrics();
    new Gauge({
      name: "reads",
      help: "of this gauge",
      registers: [metrics.registry],
      async collect() {
        reads++;
        await sleep(100);
        this.set(reads);
      },
    });
    serveHealth(server, new Map([["part", () => "wrong"]]), metrics);
  });

  const read = async (): Promise<string> => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  test("are read once for all who ask in the same second, and anew after it", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, read));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("reads 1");
    expect(await read()).toContain("reads 1");
    await expect.poll(read).toContain("reads 2");
  });

  test("asked for 5,000 times on each of ten connections, unread: not made, and others are answered at once", async () => {
    const flood = "GET /metrics HTTP/1.1\r\nhost: bot\r\n\r\n".repeat(5_000);
    const before = process.memoryUsage().rss;
    const ended = Array.from({ length: 10 }, async () => {
      const socket = open();
      socket.pause();
      await new Promise((resolve) => {
        socket.once("close", resolve);
        socket.write(flood, () => socket.resume());
      });
    });
    const begun = performance.now();
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    // It was deaf for a minute and a half; a loaded machine needs a few seconds.
    expect(performance.now() - begun).toBeLessThan(10_000);
    await Promise.all(ended);
    // Once a second, however many ask; on a loaded machine the flood takes some.
    expect(reads).toBeLessThan(10);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });
});

test("a few requests sent together are answered in their order", async () => {
  const socket = open();
  const post = (word: string): string =>
    `POST /echo HTTP/1.1\r\nhost: bot\r\ncontent-length: ${word.length}\r\n\r\n${word}`;
  let answers = "";
  socket.on("data", (chunk) => {
    answers += chunk.toString();
  });
  socket.write(["one", "two", "three", "four"].map(post).join(""));
  await expect
    .poll(() => answers.match(/(one|two|three|four)(?=HTTP|$)/g))
    .toEqual(["one", "two", "three", "four"]);
});

test("a route that throws is answered with 500, and the next request on its connection is answered", async () => {
  server.on("/throws", () => {
    throw new Error("of this test");
  });
  expect((await fetch(`http://127.0.0.1:${port}/throws`)).status).toBe(500);
  expect(await (await fetch(`http://127.0.0.1:${port}/hello`)).text()).toBe("hello");
});
