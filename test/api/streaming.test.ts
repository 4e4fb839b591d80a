import type { RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import {
  ArgaAborted,
  ArgaEventTooLarge,
  ArgaFailed,
  ArgaNotFound,
  ArgaUnauthorized,
  NotArga,
} from "../../src/api/errors.ts";
import { all, closeAll, failure, type Seen, sendJson, serve } from "./support/server.ts";

/** Over real connections: what a server, or what stands before it, can do to a stream. */

afterEach(closeAll);

type Script = (response: ServerResponse, nth: number, seen: Seen | undefined) => void;

/** Streams as the script says, the nth connection from 0; the run is over once it says so. */
async function arga(script: Script, status: () => string | number = () => "completed") {
  let nth = 0;
  const answer: RequestListener = (request, response) => {
    const state = status();
    if (!request.url?.endsWith("/results")) {
      if (typeof state === "number") sendJson(response, { detail: "no" }, state);
      else sendJson(response, { id: "r1", status: state });
    } else script(response, nth++, served.seen.at(-1));
  };
  const served = await serve(answer);
  return served;
}

const begin = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { "content-type": "text/event-stream" });
const data = async (events: AsyncIterable<{ data: unknown }>) =>
  (await all(events)).map((event) => event.data);
const streams = (seen: Seen[]) => seen.filter(({ line }) => line.endsWith("/results"));

describe("a stream", () => {
  test("ends when the server ends it and the run is over", async () => {
    const { client, seen } = await arga((response) => begin(response).end("data: 1\n\ndata: 2\n\n"));
    expect(await data(client.validationRuns.results("r1"))).toEqual([1, 2]);
    expect(seen.map(({ line }) => line)).toEqual(["GET /validate/r1/results", "GET /runs/r1"]);
    expect(seen[0]?.headers).toMatchObject({
      accept: "text/event-stream",
      authorization: "Bearer arga_sk_test",
    });
  });

  test("that is cut in the middle of a character goes on, after the last event that had an id", async () => {
    let status = "running";
    const { client, seen } = await arga(
      (response, nth) => {
        if (nth === 0) {
          const bytes = Buffer.from("id: a\ndata: 1\n\nid: é7\ndata: 2\n\ndata: caf\u00e9");
          begin(response).write(bytes.subarray(0, -1), () => response.socket?.resetAndDestroy());
        } else {
          status = "failed";
          begin(response).end("data: café\n\n");
        }
      },
      () => status,
    );
    expect(await data(client.validationRuns.results("r1"))).toEqual([1, 2, "café"]);
    const ids = streams(seen).map(({ headers }) => headers["last-event-id"]);
    expect(ids).toEqual([undefined, Buffer.from("é7", "utf8").toString("latin1")]);
  });

  test.each([
    ["an early end", (response: ServerResponse) => begin(response).end()],
    ["a cut", (response: ServerResponse) => response.socket?.resetAndDestroy()],
    ["429", (response: ServerResponse) => sendJson(response, {}, 429)],
    ["503", (response: ServerResponse) => sendJson(response, {}, 503)],
  ])("survives %s, with the run's state asked in between", async (_, harm) => {
    let status = "running";
    const { client, seen } = await arga(
      (response, nth) => {
        if (nth === 0) return void harm(response);
        status = "completed";
        begin(response).end("data: 1\n\n");
      },
      () => status,
    );
    expect(await data(client.validationRuns.results("r1"))).toEqual([1]);
    expect(seen.map(({ line }) => line.split("/").at(-1))).toEqual(["results", "r1", "results", "r1"]);
  });

  test("that is cut after it lasted longer than the patience of its reader is opened again", async () => {
    let status = "running";
    const { client } = await arga(
      (response, nth) => {
        if (nth === 0) {
          begin(response).write("data: 1\n\n");
          return void setTimeout(() => response.socket?.resetAndDestroy(), 400);
        }
        status = "completed";
        begin(response).end("data: 2\n\n");
      },
      () => status,
    );
    expect(await data(client.validationRuns.results("r1", { patienceMs: 300 }))).toEqual([1, 2]);
  });

  test("that stays open after the run ended is left, once its state is known", async () => {
    const open = (response: ServerResponse) =>
      begin(response).write('data: {"status":"completed"}\n\ndata: 2\n\n');
    const { client } = await arga(open);
    expect(await data(client.validationRuns.results("r1", { checkMs: 600_000 }))).toEqual([
      { status: "completed" },
      2,
    ]);
  });

  test("that is silent, or sends heartbeats alone, has its run looked at", async () => {
    const { client, seen } = await arga((response) => {
      begin(response);
      const beat = setInterval(() => response.write(": ping\n"), 30);
      response.once("close", () => clearInterval(beat));
    });
    expect(await data(client.validationRuns.results("r1", { checkMs: 40 }))).toEqual([]);
    expect(seen).toHaveLength(2);
  });

  test("waits for a reader that is slow, and loses nothing", async () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `data: ${n}\n\n`).join("");
    const { client } = await arga((response) => begin(response).end(many));
    let next = 0;
    for await (const event of client.validationRuns.results("r1")) {
      if (next % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(event.data).toBe(next++);
    }
    expect(next).toBe(5_000);
  });

  test("that its reader leaves is closed", async () => {
    let closed: Promise<unknown> | undefined;
    const { client } = await arga((response) => {
      closed = new Promise((resolve) => response.once("close", resolve));
      begin(response).write("data: 1\n\n");
    });
    for await (const event of client.validationRuns.results("r1")) {
      expect(event.data).toBe(1);
      break;
    }
    await closed;
  });
});

describe("a stream fails", () => {
  test("at an event of more than 1 MB, after those before it", async () => {
    const { client } = await arga((response) =>
      begin(response).end(`data: 1\n\ndata: ${"x".repeat(2_000_000)}\n\n`),
    );
    const read: unknown[] = [];
    const reading = (async () => {
      for await (const event of client.validationRuns.results("r1")) read.push(event.data);
    })();
    expect(await failure(reading)).toBeInstanceOf(ArgaEventTooLarge);
    expect(read).toEqual([1]);
  });

  test.each([
    ["a key that is refused", 401, ArgaUnauthorized],
    ["a route that is not there", 404, ArgaNotFound],
  ])("at once with %s, if the run goes on", async (_, status, type) => {
    const { client, seen } = await arga(
      (response) => sendJson(response, { detail: "no" }, status),
      () => "running",
    );
    expect(await failure(all(client.validationRuns.results("r1")))).toBeInstanceOf(type);
    expect(streams(seen)).toHaveLength(1);
  });

  test("at a web page", async () => {
    const page = (response: ServerResponse) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<p>");
    const { client } = await arga(page, () => "running");
    expect(await failure(all(client.validationRuns.results("r1")))).toBeInstanceOf(NotArga);
  });

  test("not when the run is over: a server may refuse what ended", async () => {
    const { client } = await arga((response) => sendJson(response, { detail: "gone" }, 410));
    expect(await data(client.validationRuns.results("r1"))).toEqual([]);
  });

  test("when nothing but failures came for as long as its caller has patience", async () => {
    const { client } = await arga(
      (response) => sendJson(response, { detail: "down" }, 503),
      () => 503,
    );
    const error = await failure(all(client.validationRuns.results("r1", { patienceMs: 1 })));
    expect(error).toBeInstanceOf(ArgaFailed);
  });

  test("when the caller gives up, in the middle of silence", async () => {
    const giveUp = new AbortController();
    const { client } = await arga((response) => begin(response).write("data: 1\n\n"));
    const reading = (async () => {
      for await (const _ of client.validationRuns.results("r1", { signal: giveUp.signal })) giveUp.abort();
    })();
    expect(await failure(reading)).toBeInstanceOf(ArgaAborted);
  });

  test("when the caller had given up before", async () => {
    const { client, seen } = await arga((response) => begin(response).end());
    const signal = AbortSignal.abort();
    const error = await failure(all(client.validationRuns.results("r1", { signal })));
    expect(error).toBeInstanceOf(ArgaAborted);
    expect(error.sent).toBe("no");
    expect(seen).toEqual([]);
  });
});
