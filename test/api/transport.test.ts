import type { RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { ArgaFailed, ArgaPlanLimit, ArgaRateLimited, NotArga } from "../../src/api/errors.ts";
import { closeAll, failure, sendJson, serve } from "./support/server.ts";

/** How often and how soon something is asked, and what a refusal says. */

afterEach(closeAll);

const BAD: [string, (response: ServerResponse) => unknown][] = [
  ["429", (response) => sendJson(response, { detail: "slow down" }, 429)],
  ["502", (response) => response.writeHead(502).end("<p>")],
  ["503", (response) => sendJson(response, {}, 503)],
  ["504", (response) => sendJson(response, {}, 504)],
  ["a cut", (response) => response.socket?.resetAndDestroy()],
];

/** Bad twice, then good; says when each was asked. */
function inTurn(bad: (response: ServerResponse) => unknown) {
  const at: number[] = [];
  const answer: RequestListener = (_, response) => {
    at.push(performance.now());
    if (at.length <= 2) bad(response);
    else sendJson(response, []);
  };
  return { at, answer };
}

describe("a look", () => {
  test.each(BAD)("is repeated after %s, each time later", async (_, bad) => {
    const { at, answer } = inTurn(bad);
    const { client } = await serve(answer);
    expect(await client.testRuns.list()).toEqual([]);
    const [first = 0, second = 0, third = 0] = at;
    // 150 and 300 ms, half to one and a half times as long.
    expect(second - first).toBeGreaterThanOrEqual(70);
    expect(third - second).toBeGreaterThanOrEqual(145);
  });

  test("is jittered, so that many do not come back together", async () => {
    const pauses = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const { at, answer } = inTurn((response) => sendJson(response, {}, 503));
        const { client } = await serve(answer);
        await client.testRuns.list();
        return (at[2] ?? 0) - (at[1] ?? 0);
      }),
    );
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(10);
  });

  test("is not repeated before Arga allows it, in seconds or as a date", async () => {
    const date = new Date(Date.now() + 1_400).toUTCString();
    const times = [
      ["1", Date.now() + 990],
      [date, Date.parse(date) - 5],
    ] as const;
    for (const [after, earliest] of times) {
      const { at, answer } = inTurn((response) =>
        response.writeHead(429, { "retry-after": after }).end("{}"),
      );
      const { client } = await serve(answer);
      await client.testRuns.list();
      expect(performance.timeOrigin + (at[1] ?? 0)).toBeGreaterThanOrEqual(earliest);
    }
  });

  test.each([
    [
      "a wait that is longer than a call may be",
      { "retry-after": "30" },
      { detail: "slow down" },
      ArgaRateLimited,
    ],
    ["a plan that is used up", {}, { detail: "Monthly free plan limit reached" }, ArgaPlanLimit],
  ])("is not repeated after %s", async (_, headers, body, type) => {
    const { client, seen } = await serve((_request, response) =>
      response.writeHead(429, headers).end(JSON.stringify(body)),
    );
    expect(await failure(client.testRuns.list())).toBeInstanceOf(type);
    expect(seen).toHaveLength(1);
  });
});

describe("a refusal", () => {
  test.each([
    [{ detail: "why" }, "why"],
    [{ message: "why" }, "why"],
    [{ detail: { message: "why", remaining: 0 } }, "why"],
    [{ detail: [{ loc: ["body", "ttl_minutes"], msg: "why" }] }, "ttl_minutes: why"],
    [[{ detail: "why" }], "Arga answered 403 without saying why."],
    ["why", "why"],
  ])("is told in Arga's words: %j", async (body, words) => {
    const { client } = await serve((_, response) => sendJson(response, body, 403));
    const error = await failure(client.testRuns.create({ prompt: "go" }));
    expect(error).toBeInstanceOf(ArgaPlanLimit);
    expect(error).toMatchObject({ message: words, sent: "refused", status: 403, code: "ARGA_PLAN_LIMIT" });
  });

  test.each([
    [{ detail: "Monthly free plan limit reached" }, ArgaPlanLimit],
    [{ detail: "Too many requests" }, ArgaRateLimited],
    [{ detail: "Monthly plan limit reached", retry_after: 30 }, ArgaRateLimited],
  ])("with 429 is the plan's or a rate's: %j", async (body, type) => {
    const { client } = await serve((_, response) => sendJson(response, body, 429));
    const error = await failure(client.testRuns.create({ prompt: "go" }));
    expect(error).toBeInstanceOf(type);
    expect(error.retryAfterMs).toBe("retry_after" in body ? 30_000 : undefined);
  });

  test.each([
    [200, "maybe"],
    [302, "refused"],
    [404, "refused"],
  ])("that is a web page (%d) is not Arga's, and names the right address", async (status, sent) => {
    const { client } = await serve((_, response) =>
      response.writeHead(status, { "content-type": "text/html" }).end("<!doctype html>"),
    );
    const error = await failure(client.testRuns.create({ prompt: "go" }));
    expect(error).toBeInstanceOf(NotArga);
    expect(error).toMatchObject({
      sent,
      message: expect.stringContaining("https://api.argalabs.com"),
    });
  });

  test("of an act is never more than one request, a 503 that says when to come back included", async () => {
    const { client, seen } = await serve((_, response) =>
      response.writeHead(503, { "retry-after": "0" }).end("{}"),
    );
    expect(await failure(client.testRuns.create({ prompt: "go" }))).toBeInstanceOf(ArgaFailed);
    expect(seen).toHaveLength(1);
  });
});
