import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { retryAt, withRetries } from "../../../src/delivery/retry.ts";
import { SlackRateLimited, SlackRefused, SlackUnclear } from "../../../src/slack/errors.ts";
import { Pacer, postLane } from "../../../src/slack/pacer.ts";
import { type PrivateRedis, startRedis } from "../../support/redis.ts";

let server: PrivateRedis;
let redis: Redis;
let pacer: Pacer;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.path);
  pacer = new Pacer(redis, "test");
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const METHOD = "chat.postMessage";
const refused = (): SlackRefused => new SlackRefused(METHOD, "not_in_channel");
const unclear = (): SlackUnclear => new SlackUnclear("The answer was lost.", METHOD);
const limited = (ms: number): SlackRateLimited => new SlackRateLimited(METHOD, ms);

describe("a job tries a call again", () => {
  const caller = { team: "T1", who: "a" };
  const lane = postLane("C1");
  const wait = async (error: unknown): Promise<number> => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const at = await retryAt({ pacer, logger: pino({ level: "silent" }) as never }, { caller, lane, error });
    return at - Date.now();
  };

  test("and the log says whose, in which line, and why", async () => {
    const said: { who?: string; lane?: string; msg: string; err?: object }[] = [];
    const logger = pino({}, { write: (line: string) => void said.push(JSON.parse(line)) });
    await retryAt({ pacer, logger }, { caller, lane, error: unclear() });
    expect(said).toMatchObject([
      { who: "a", lane: lane.name, msg: "Slack call failed; retrying", err: expect.anything() },
    ]);
    await expect(retryAt({ pacer, logger }, { caller, lane, error: new Error("ours") })).rejects.toThrow(
      "ours",
    );
  });

  test.each([
    [0, 1_500],
    [0.5, 2_000],
    [1, 2_500],
  ])("whose outcome is unclear about two seconds later (%d: %i ms)", async (drawn, ms) => {
    vi.spyOn(Math, "random").mockReturnValue(drawn);
    expect(await wait(unclear())).toBe(ms);
  });

  test("that was refused five minutes later: settings change", async () => {
    expect(await wait(refused())).toBe(5 * 60_000);
  });

  test("that came too often when Slack says, and holds its lane until then, for everybody", async () => {
    expect(await pacer.acquire(lane, { team: "T1", who: "before" })).toBe(0);
    expect(await wait(limited(30_000))).toBe(30_000);
    expect(await pacer.acquire(lane, { team: "T1", who: "b" })).toBe(30_000);
    expect(await pacer.acquire(postLane("C2"), { team: "T1", who: "b" })).toBe(0);
    expect(await pacer.acquire(lane, { team: "T2", who: "b" })).toBe(0);
  });

  test("not, if the error isn't Slack's", async () => {
    const error = new TypeError("ours");
    await expect(wait(error)).rejects.toBe(error);
  });
});

describe("for whom no job comes back, a call", () => {
  /** Fails so often, and then goes through. */
  function failing(times: number, error: () => Error): { call: () => Promise<string>; count: () => number } {
    let count = 0;
    const call = async (): Promise<string> => {
      if (count++ < times) throw error();
      return "done";
    };
    return { call, count: () => count };
  }

  test("is tried four times", async () => {
    const three = failing(3, () => limited(1));
    expect(await withRetries(three.call)).toBe("done");
    expect(three.count()).toBe(4);
    const four = failing(4, () => limited(1));
    await expect(withRetries(four.call)).rejects.toThrow(SlackRateLimited);
    expect(four.count()).toBe(4);
  });

  test("isn't repeated if it was refused", async () => {
    const once = failing(1, refused);
    await expect(withRetries(once.call)).rejects.toThrow(SlackRefused);
    expect(once.count()).toBe(1);
  });

  test("waits half a second, then a whole one", async () => {
    const begun = performance.now();
    const times: number[] = [];
    const two = failing(2, unclear);
    await withRetries(async () => {
      times.push(performance.now() - begun);
      return await two.call();
    });
    const [, second = 0, third = 0] = times;
    expect(second).toBeGreaterThan(450);
    expect(third - second).toBeGreaterThan(950);
  });
});
