import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ArgaTimeout } from "../../src/api/errors.ts";
import { closeAll, serve } from "./support/server.ts";

/** The waiting is undici's own, by fake timers: nobody waits half a minute for a test. */

// Once for all, and in a file of its own: undici keeps one timer for as long as the process lives.
beforeAll(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterAll(() => vi.useRealTimers());
afterEach(closeAll);

describe("time is limited", () => {
  test.each([
    ["the headers of a look", "get", 14_000, () => undefined],
    ["the headers of an act", "create", 59_000, () => undefined],
    ["a body that stops", "get", 29_000, (response: ServerResponse) => response.writeHead(200).write("{")],
    [
      "a stream that is silent, and is then opened again",
      "results",
      59_000,
      (response: ServerResponse) =>
        response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n"),
    ],
  ] as const)("for %s", async (_, call, leastMs, begin) => {
    let asked = (): void => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { client, seen } = await serve((_request, response) => {
      begin(response);
      setImmediate(asked);
    });
    const giveUp = new AbortController();
    let error: unknown;
    const calling = {
      get: () => client.testRuns.get("r1"),
      create: () => client.testRuns.create({ prompt: "go" }),
      results: async () => {
        for await (const _event of client.validationRuns.results("r1", {
          signal: giveUp.signal,
          checkMs: 1e9,
        }));
      },
    }
      [call]()
      .catch((thrown: unknown) => {
        error = thrown;
      });
    await isAsked;
    let passedMs = 0;
    const isOver = () => error !== undefined || seen.length > 1;
    for (; passedMs < 80_000 && !isOver(); passedMs += 1_000) await vi.advanceTimersByTimeAsync(1_000);
    expect(isOver()).toBe(true);
    expect(passedMs).toBeGreaterThanOrEqual(leastMs);
    giveUp.abort();
    await calling;
    if (call !== "results") expect(error).toBeInstanceOf(ArgaTimeout);
  });
});
