import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import type { SlackMessage } from "../../../sim/slack/server.ts";
import { reconcileNotices } from "../../../src/jobs/notices/reconcile.ts";
import { isDue } from "../../../src/jobs/notices/weekly.ts";
import { WEEK_MS } from "../../../src/notices/week.ts";
import type { Run } from "../../../src/runs/run.ts";
import { HISTORY_MS, HistoryStore } from "../../../src/store/history.ts";
import { textOf } from "../../support/life.ts";
import { startRedisProxy } from "../../support/redis-proxy.ts";
import { type Bench, ownClock, runThat, settle, startBench, tellRun } from "../support/notices.ts";
import { ADA, MINUTE } from "../support/runs.ts";

let bench: Bench;

beforeEach(async () => {
  ownClock();
  bench = await startBench();
});

afterEach(async () => {
  await bench.stop();
  vi.useRealTimers();
});

const POST = "chat.postMessage";
const addressOf = (channel = "dev") => ({
  team: bench.slack.teamId,
  channel: bench.slack.channel(channel).id,
});

async function wantDigest(channel = "dev"): Promise<void> {
  const address = addressOf(channel);
  const digest = { ...address, by: ADA, dueAt: Date.now() + WEEK_MS };
  expect(await bench.side.digests.change(address, undefined, digest)).toBe(true);
}

const later = (ms: number) => void vi.setSystemTime(Date.now() + ms);

/** What the sweep does of it: looks at what is due. */
async function sweep(channel = "dev"): Promise<void> {
  const digest = await bench.side.digests.of(addressOf(channel));
  if (digest && isDue(digest, Date.now())) await settle(bench, channel);
}

const digestsIn = (channel = "dev"): SlackMessage[] =>
  bench.slack.messages(channel).filter((message) => textOf(message).includes("week with Arga"));

/** A test of that title, as it ended. */
const tested = (title: string, passed: boolean, more: Partial<Run> = {}) =>
  tellRun(bench, passed ? "completed" : "failed", {
    kind: "test",
    spec: { url: "https://shop.example.com", prompt: title },
    phase: { name: "ended", at: Date.now(), outcome: passed ? "passed" : "failed" },
    tookMs: 2 * MINUTE,
    ...more,
  });

describe("a weekly digest", () => {
  test("says what ran, how much passed, what is flaky and slow, twin-minutes, and what is left", async () => {
    await wantDigest();
    for (const passed of [true, false, true]) await tested("a guest can check out", passed);
    await tellRun(bench, "completed", {
      tookMs: 90 * MINUTE,
      spec: { twins: ["stripe", "slack"], ttlMinutes: 90 },
    });
    later(WEEK_MS);
    await sweep();
    const [digest, ...others] = digestsIn();
    expect(others).toEqual([]);
    expect(validateMessage(digest as SlackMessage)).toEqual([]);
    const said = textOf(digest as SlackMessage);
    expect(said).toContain("4 runs");
    expect(said).toContain("3 test runs, 1 twin run");
    expect(said).toContain("2 of 3 passed (66 %)");
    expect(said).toMatch(/Flaky.*failed 1 of 3/s);
    expect(said).toMatch(/Slowest.*2 min on average of 3/s);
    expect(said).toContain("180 twin-minutes");
    expect(said).toContain("12 of 100 runs left this month");
  });

  test("isn't posted before its week is over, and then once for each week", async () => {
    await wantDigest();
    await reconcileNotices(bench.side)({ team: bench.slack.teamId, id: addressOf().channel });
    later(WEEK_MS - 1);
    await sweep();
    expect(digestsIn()).toHaveLength(0);
    later(1);
    for (let times = 0; times < 3; times++) await sweep();
    expect(digestsIn()).toHaveLength(1);
    expect(textOf(digestsIn()[0] as SlackMessage)).toContain("nothing ran");
    await tested("sign up", true);
    later(WEEK_MS);
    await sweep();
    expect(digestsIn()).toHaveLength(2);
    expect(textOf(digestsIn()[1] as SlackMessage)).toContain("1 run");
  });

  test("counts a run once, however often it's told", async () => {
    await wantDigest();
    const { run, message } = await runThat(bench, "failed");
    for (let times = 0; times < 3; times++) await bench.side.announce(run, message);
    later(WEEK_MS);
    await sweep();
    expect(textOf(digestsIn()[0] as SlackMessage)).toContain("1 twin run");
  });

  test("of a private channel's runs no other channel hears", async () => {
    await wantDigest();
    await wantDigest("ops");
    await tested("the secret launch", false, { hidden: true, channel: addressOf("ops").channel });
    later(WEEK_MS);
    await sweep();
    await sweep("ops");
    expect(textOf(digestsIn()[0] as SlackMessage)).toContain("nothing ran");
    expect(textOf(digestsIn("ops")[0] as SlackMessage)).toContain("0 of 1 passed");
  });

  test("that is days late is of the days until then, and the next one comes a week later", async () => {
    await wantDigest();
    later(WEEK_MS + 4 * 24 * 60 * MINUTE);
    await tested("sign up", true);
    later(MINUTE);
    await sweep();
    expect(textOf(digestsIn()[0] as SlackMessage)).toContain("1 run");
    expect((await bench.side.digests.of(addressOf()))?.dueAt).toBeGreaterThan(
      Date.now() + WEEK_MS - 10 * MINUTE,
    );
    expect(digestsIn()).toHaveLength(1);
  });

  test("that its channel doesn't take is skipped, and why stands in its record", async () => {
    await wantDigest();
    bench.slack.fault({ method: POST, times: 1, error: "is_archived" });
    later(WEEK_MS);
    await sweep();
    expect(digestsIn()).toHaveLength(0);
    const digest = await bench.side.digests.of(addressOf());
    expect(digest?.trouble?.error).toBe("is_archived");
    expect(digest?.dueAt).toBeGreaterThan(Date.now());
  });

  test("that was ended while it was on its way isn't posted again", async () => {
    await wantDigest();
    later(WEEK_MS);
    bench.slack.fault({ method: POST, times: 1, action: "lose" });
    await reconcileNotices(bench.side)({ team: bench.slack.teamId, id: addressOf().channel });
    const held = await bench.side.digests.of(addressOf());
    expect(await bench.side.digests.change(addressOf(), held, undefined)).toBe(true);
    later(MINUTE);
    await settle(bench);
    expect(digestsIn()).toHaveLength(1);
  });
});

describe("a digest is posted exactly once", () => {
  test.each(["lose", "reset"] as const)("when a post's answer is lost (%s)", async (action) => {
    await wantDigest();
    bench.slack.fault({ method: POST, times: 1, action });
    later(WEEK_MS);
    await sweep();
    expect(digestsIn()).toHaveLength(1);
  });

  test("by two workers at once", async () => {
    await wantDigest();
    later(WEEK_MS);
    await Promise.all([sweep(), sweep(), sweep()]);
    expect(digestsIn()).toHaveLength(1);
  });

  test("when the process dies before any of its writes", { timeout: 60_000 }, async () => {
    const proxy = await startRedisProxy(bench.server.path);
    try {
      await wantDigest();
      let steps = 0;
      for (let hasDied = true; hasDied && steps < 50; steps++) {
        hasDied = false;
        later(WEEK_MS);
        const dying = bench.sideOn(proxy.url);
        await dying.side.boards.live();
        proxy.stopAt(steps, () => {
          hasDied = true;
        });
        await settle({ ...bench, side: dying.side }).catch(() => {});
        dying.end();
        await sweep();
        expect(digestsIn(), `killed before write ${steps}`).toHaveLength(steps + 1);
        const next = await bench.side.digests.of(addressOf());
        vi.setSystemTime((next?.dueAt ?? 0) - WEEK_MS);
      }
      expect(steps).toBeGreaterThan(2);
      expect(steps).toBeLessThan(50);
    } finally {
      await proxy.close();
    }
  });
});

describe("the history of ended runs", () => {
  const entry = (run: string) => ({
    run,
    kind: "test",
    title: "t",
    outcome: "passed" as const,
    twins: 0,
    channel: "C1",
    at: Date.now(),
  });

  test("lets go of what is older than eight days", async () => {
    const { history } = bench.side;
    await history.add("T1", entry("old"));
    later(HISTORY_MS);
    await history.add("T1", entry("new"));
    expect((await history.of("T1")).map(({ run }) => run).sort()).toEqual(["new", "old"]);
    later(1);
    await history.add("T1", entry("newest"));
    expect((await history.of("T1")).map(({ run }) => run).sort()).toEqual(["new", "newest"]);
  });

  test("never holds more than its bound, and keeps the newest", async () => {
    const few = new HistoryStore(bench.redis, "few", 3);
    for (const run of ["a", "b", "c", "d", "e"]) {
      await few.add("T1", entry(run));
      later(1);
    }
    expect((await few.of("T1")).map(({ run }) => run).sort()).toEqual(["c", "d", "e"]);
  });
});
