import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { FaultRule, SlackMessage } from "../../../sim/slack/server.ts";
import { reconcileNotices } from "../../../src/jobs/notices/reconcile.ts";
import { announced } from "../../../src/jobs/slack/reconcile.ts";
import { sampleNotice } from "../../../src/notices/notices.ts";
import type { Run } from "../../../src/runs/run.ts";
import { payloadOf, textOf } from "../../support/life.ts";
import {
  type Bench,
  noticesIn,
  ownClock,
  runThat,
  settle,
  startBench,
  subscribeIn,
  tellRun,
} from "../support/notices.ts";
import { ADA } from "../support/runs.ts";

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
const refOf = (channel: string) => ({ team: bench.slack.teamId, id: bench.slack.channel(channel).id });
const addressOf = (channel: string) => ({ team: refOf(channel).team, channel: refOf(channel).id });

/** The messages of a channel that tell of a run. */
const tellingOf = (run: Pick<Run, "id">, channel = "dev"): SlackMessage[] =>
  noticesIn(bench.slack, channel).filter((message) => textOf(message).includes(`\`${run.id}\``));

describe("a run that failed", () => {
  test("is told once in its channel, with the card's link and a button to run it again", async () => {
    await subscribeIn(bench, "dev");
    const { id: channel } = bench.slack.channel("dev");
    const posted = await bench.side.slack.call("", POST, { channel, text: "the card" });
    const ts = String((posted as { ts?: string }).ts);
    const card = { state: "posted", ts, hash: "", shown: "ended", at: Date.now() } as const;
    const dashboardUrl = "https://app.argalabs.com/runs/a";
    const arga = { id: "a", status: "failed", links: [], dashboardUrl };
    const run = await tellRun(bench, "failed", { card, arga, tookMs: 300_000 });
    await settle(bench);

    const [notice, ...others] = noticesIn(bench.slack);
    expect(others).toEqual([]);
    const all = textOf(notice as SlackMessage);
    expect(payloadOf(notice as SlackMessage)).toEqual({
      run_id: run.id,
      kind: "twin",
      role: "notice",
      key: `notice:failed:${channel}`,
    });
    expect(all).toContain("*Stripe twin* — failed");
    expect(all).toContain("for ada");
    expect(all).toContain("5 min");
    expect(all).toContain(`/archives/${channel}/p${ts.replace(".", "")}|card>`);
    expect(all).toContain(`"block_id":"run:${run.id}"`);
    expect(all).toContain('"action_id":"run.rerun"');
    expect(all).toContain(dashboardUrl);
    expect(all).not.toMatch(/<[@!](?!date)/);
    const { args } = bench.slack.log.findLast(({ method }) => method === POST) ?? {};
    expect(args).toMatchObject({ unfurl_links: false, unfurl_media: false });
  });

  test("is taken out of its outbox, and nothing is left on the board", async () => {
    await subscribeIn(bench, "dev");
    const run = await tellRun(bench, "failed");
    expect((await bench.side.store.get(run))?.outbox.filter(({ to }) => to === "subscribers")).toEqual([]);
    expect(await bench.side.boards.live()).toEqual([refOf("dev")]);
    await settle(bench);
    expect(await bench.side.boards.live()).toEqual([]);
  });

  test("goes without a link where Slack gives none", async () => {
    await subscribeIn(bench, "dev");
    bench.slack.fault({ method: "auth.test", retryAfter: 30 });
    const card = { state: "posted", ts: "1.2", hash: "", shown: "ended", at: Date.now() } as const;
    const run = await tellRun(bench, "failed", { card });
    await settle(bench);
    expect(tellingOf(run)).toHaveLength(1);
    expect(textOf(tellingOf(run)[0] as SlackMessage)).not.toContain("|card>");
  });
});

test("a run that completed has nothing to press but what leads to it", async () => {
  await subscribeIn(bench, "dev");
  const run = await tellRun(bench, "completed");
  await settle(bench);
  expect(textOf(tellingOf(run)[0] as SlackMessage)).toContain("torn down");
  expect(textOf(tellingOf(run)[0] as SlackMessage)).not.toContain("run.rerun");
});

describe("who hears of it", () => {
  test("a channel hears of it once, however many of its subscriptions want it, and however often it is told", async () => {
    await subscribeIn(bench, "dev");
    await subscribeIn(bench, "dev", { events: ["failed"] });
    await subscribeIn(bench, "ops", { kinds: ["twin"] });
    const { run, message } = await runThat(bench, "failed");
    for (let times = 0; times < 3; times++) {
      await announced(bench.side, run, message);
      await settle(bench);
      await settle(bench, "ops");
    }
    expect(tellingOf(run)).toHaveLength(1);
    expect(tellingOf(run, "ops")).toHaveLength(1);
    expect(noticesIn(bench.slack, "secret")).toEqual([]);
  });

  test("a hidden run is told in its own channel alone", async () => {
    await subscribeIn(bench, "dev");
    await subscribeIn(bench, "secret");
    const channel = bench.slack.channel("secret").id;
    const run = await tellRun(bench, "failed", { channel, hidden: true });
    await settle(bench);
    await settle(bench, "secret");
    expect(tellingOf(run)).toEqual([]);
    expect(tellingOf(run, "secret")).toHaveLength(1);
  });

  test("nobody is asked for a link where nobody wants to hear", async () => {
    await subscribeIn(bench, "dev", { events: ["ready"] });
    await tellRun(bench, "failed");
    expect(bench.slack.log).toEqual([]);
  });
});

describe("a storm", () => {
  test("of 40 ends is one message, which names each, failures first", async () => {
    await subscribeIn(bench, "dev");
    const runs: Run[] = [];
    for (let n = 0; n < 40; n++) runs.push(await tellRun(bench, n % 8 === 7 ? "failed" : "completed"));
    await settle(bench);
    const [digest, ...others] = noticesIn(bench.slack);
    expect(others).toEqual([]);
    const all = textOf(digest as SlackMessage);
    for (const { id } of runs) expect(all).toContain(`\`${id}\``);
    expect(all).toContain("5 failed · 35 completed");
    expect(all.lastIndexOf(":red_circle:")).toBeLessThan(all.indexOf(":black_circle:"));
    expect(payloadOf(digest as SlackMessage)).toMatchObject({ role: "notice", kind: "twin" });
  });

  test("too large for one message says how many more there are", async () => {
    const address = addressOf("dev");
    for (let n = 0; n < 120; n++) await bench.side.boards.add(address, sampleNotice(ADA, `${n}`, Date.now()));
    await settle(bench);
    expect(noticesIn(bench.slack)).toHaveLength(1);
    expect(textOf(noticesIn(bench.slack)[0] as SlackMessage)).toContain("and 70 more");
  });

  test("that goes on is gathered, and still told within ten seconds", async () => {
    await subscribeIn(bench, "dev");
    const begun = Date.now();
    let next = begun;
    for (let n = 0; n < 30; n++) {
      await tellRun(bench, "completed");
      vi.setSystemTime(begun + n * 500);
      if (Date.now() >= next)
        next = (await reconcileNotices(bench.side)(refOf("dev")))?.requeueAt ?? Date.now() + 500;
    }
    await settle(bench);
    const [first, ...others] = noticesIn(bench.slack);
    expect(first?.at).toBeLessThanOrEqual(begun + 10_500);
    expect(others).toHaveLength(1);
  });

  test("in one channel does not hold up another", async () => {
    await subscribeIn(bench, "dev");
    await subscribeIn(bench, "ops", { events: ["failed"] });
    bench.slack.fault({ method: POST, channel: "dev", retryAfter: 60, times: 1 });
    const run = await tellRun(bench, "failed");
    const begun = Date.now();
    await settle(bench, "ops");
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(tellingOf(run, "ops")).toHaveLength(1);
    await settle(bench);
    expect(tellingOf(run)).toHaveLength(1);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(60_000);
  });
});

describe("whatever goes wrong at Slack, a notice is told once", () => {
  const faults: [string, FaultRule][] = [
    ["the answer is lost", { action: "lose" }],
    ["the connection breaks before", { action: "reset" }],
    ["Slack stumbles", { error: "internal_error" }],
    ["Slack has a bad gateway", { status: 502 }],
    ["the limit is reached", { retryAfter: 30 }],
    ["the token is being replaced", { error: "invalid_auth" }],
    ["the blocks are refused", { error: "invalid_blocks" }],
  ];
  test.each(faults)("%s", async (_, fault) => {
    await subscribeIn(bench, "dev");
    bench.slack.fault({ method: POST, times: 1, ...fault });
    const run = await tellRun(bench, "failed");
    await settle(bench);
    expect(noticesIn(bench.slack)).toHaveLength(1);
    expect(payloadOf(noticesIn(bench.slack)[0] as SlackMessage)?.run_id).toBe(run.id);
  });

  test("reading back fails for a while", async () => {
    await subscribeIn(bench, "dev");
    bench.slack.fault({ method: POST, times: 1, action: "lose" });
    bench.slack.fault({ method: "conversations.history", times: 1, retryAfter: 5 });
    bench.slack.fault({ method: "conversations.history", after: 1, times: 1, action: "reset" });
    await tellRun(bench, "failed");
    await settle(bench);
    expect(noticesIn(bench.slack)).toHaveLength(1);
  });

  test("without the permission to read it is rather told twice than never", async () => {
    await subscribeIn(bench, "dev");
    bench.slack.fault({ method: POST, times: 1, action: "reset" });
    bench.slack.fault({ method: "conversations.history", error: "missing_scope" });
    await tellRun(bench, "failed");
    await settle(bench);
    expect(noticesIn(bench.slack)).toHaveLength(1);
  });
});

describe("a channel that takes no messages", () => {
  test.each(["not_in_channel", "is_archived", "restricted_action"])(
    "%s: what is pending is dropped, why is noted, and the next success clears it",
    async (error) => {
      await subscribeIn(bench, "dev");
      bench.slack.fault({ method: POST, times: 1, error });
      for (let n = 0; n < 3; n++) await tellRun(bench, "failed");
      await settle(bench);
      expect(noticesIn(bench.slack)).toEqual([]);
      expect((await bench.side.boards.get(addressOf("dev"))).trouble?.error).toBe(error);
      expect(await bench.side.boards.live()).toEqual([]);

      const run = await tellRun(bench, "failed");
      await settle(bench);
      expect(tellingOf(run)).toHaveLength(1);
      expect((await bench.side.boards.get(addressOf("dev"))).trouble).toBeUndefined();
    },
  );

  test("of which the bot is no member says so", async () => {
    await subscribeIn(bench, "lonely");
    await tellRun(bench, "failed");
    await settle(bench, "lonely");
    expect((await bench.side.boards.get(addressOf("lonely"))).trouble?.error).toBe("not_in_channel");
  });
});
