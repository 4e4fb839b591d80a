import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HttpServer } from "../../../src/runtime/http.ts";

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
