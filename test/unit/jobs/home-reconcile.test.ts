import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { replyOnHome } from "../../../src/delivery/reply-to-user.ts";
import { refreshHomesOf } from "../../../src/jobs/home/changed.ts";
import { ARGA } from "../../../src/jobs/home/reconcile.ts";
import { subscribed } from "../../../src/notices/notices.ts";
import type { Run } from "../../../src/runs/run.ts";
import { VIEWING_MS } from "../../../src/store/app-home.ts";
import { textContent } from "../../../src/views/replies.ts";
import { type Bench, startBench } from "../support/home-bench.ts";
import { MINUTE, NOW } from "../support/runs.ts";

let bench: Bench;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  bench = await startBench();
});

afterEach(async () => {
  await bench.stop();
  vi.useRealTimers();
});

const later = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
const idOf = (user: string): string => bench.of(user).user;
const publishes = () => bench.slack.log.filter(({ method }) => method === "views.publish");
/** The step of someone's Home. */
const look = (user: string) => bench.step(idOf(user));
const ended = (run: Run, more: Partial<Run> = {}): Run => ({
  ...run,
  phase: { name: "ended", at: Date.now(), outcome: "torn_down" },
  ...more,
});
const change = async (run: Run, by: (run: Run) => Run): Promise<Run> => {
  const next = await bench.side.store.update(run, by);
  if (!next) throw new Error("the run is gone");
  await refreshHomesOf(bench.side, next);
  return next;
};

describe("opening", () => {
  test("shows what is known at once, asks Arga, and shows what it says", async () => {
    await bench.open("alice");
    expect(bench.home("alice")).toContain("Asking Arga…");
    expect(bench.arga.requests).toEqual([]);
    expect(await bench.poked()).toEqual([ARGA]);

    await bench.step(ARGA);
    expect(await bench.poked()).toEqual([idOf("alice")]);
    later(3_000);
    await look("alice");
    expect(bench.home("alice")).not.toMatch(/Asking Arga…|checking…/);
    expect(bench.home("alice")).toContain("*Arga*  connected");
    expect(bench.home("alice")).toContain("*Plan*  team");
    expect(bench.home("alice")).toContain('"action_id":"tests.run"');
  });

  test("shows it anew even if nothing changed, and asks Arga but once in a while", async () => {
    await bench.open("alice");
    await bench.step(ARGA);
    await bench.poked();
    later(5_000);
    await bench.open("alice");
    expect(publishes()).toHaveLength(2);
    expect(await bench.poked()).toEqual([]);
    later(MINUTE);
    await bench.open("alice");
    expect(await bench.poked()).toEqual([ARGA]);
  });

  test("begins at the first pages when it was long ago", async () => {
    const { homes } = bench.side;
    await bench.open("alice");
    await homes.turned(bench.of("alice"), "others", 3);
    later(MINUTE);
    await bench.open("alice");
    expect((await homes.get(bench.of("alice")))?.pages.others).toBe(3);
    later(VIEWING_MS + 1);
    await bench.open("alice");
    expect((await homes.get(bench.of("alice")))?.pages.others).toBe(0);
  });

  test("is nothing to those who never did", async () => {
    expect(await look("bob")).toBeUndefined();
    expect(publishes()).toEqual([]);
  });
});

test("the lists show what was chosen: all runs, one's own, or those of a kind", async () => {
  const mine = await bench.keep("alice");
  const theirs = await bench.keep("bob");
  const shows = async (filter: string): Promise<boolean[]> => {
    await bench.side.homes.filtered(bench.of("alice"), filter);
    await bench.open("alice");
    return [mine, theirs].map(({ id }) => bench.home("alice").includes(id));
  };
  expect(await shows("all")).toEqual([true, true]);
  expect(await shows("mine")).toEqual([true, false]);
  expect(await shows("kind:twin")).toEqual([true, true]);
  expect(await shows("kind:sandbox")).toEqual([false, false]);
});

describe("who sees which run", () => {
  test("one's own with buttons, those of others without, and nobody's that are hidden", async () => {
    const mine = await bench.keep("alice", { hidden: true });
    const open = await bench.keep("bob");
    const hidden = await bench.keep("bob", { hidden: true });
    await bench.open("alice");
    expect(bench.home("alice")).toContain(`run:${mine.id}:1`);
    expect(bench.home("alice")).toContain(open.id);
    expect(bench.home("alice")).not.toContain(`run:${open.id}`);
    expect(bench.home("alice")).not.toContain(hidden.id);
  });

  test("holds for results as well", async () => {
    const mine = await bench.keep("alice", { hidden: true });
    const theirs = await bench.keep("bob");
    const hidden = await bench.keep("bob", { hidden: true });
    for (const run of [mine, theirs, hidden]) await change(run, ended);
    await bench.open("alice");
    expect(bench.home("alice")).toContain(`run:${mine.id}:2`);
    expect(bench.home("alice")).toContain(theirs.id);
    expect(bench.home("alice")).not.toContain(hidden.id);
    expect(bench.home("alice")).toContain("You have nothing running");
  });

  test("and nobody's that was refused before it had a card: its person was told alone", async () => {
    const refused = await bench.keep("bob");
    const failed = await bench.keep("bob");
    const phase = { name: "ended", at: NOW, outcome: "refused", why: "I'm not in this channel" } as const;
    await change(refused, (run) => ({ ...run, card: { state: "none" }, phase }));
    await change(failed, (run) => ({ ...run, phase }));
    for (const user of ["alice", "bob"]) {
      await bench.open(user);
      expect(bench.home(user)).toContain(failed.id);
      expect(bench.home(user)).not.toContain(refused.id);
    }
    expect(await bench.side.homes.ends(bench.slack.teamId)).toEqual([
      expect.objectContaining({ id: failed.id }),
    ]);
  });

  test("and subscriptions: one's own, and those of channels that are open to all", async () => {
    const { teamId: team } = bench.slack;
    const subscribe = async (user: string, channel: string, more: object = {}): Promise<void> => {
      const address = { team, channel };
      const by = { id: idOf(user), name: user };
      const wanted = { events: ["failed" as const], kinds: [], ...address, by, at: NOW, ...more };
      await bench.side.subscriptions.change(address, channel, (all) => subscribed(all, wanted));
    };
    await subscribe("alice", "C0MINE");
    await subscribe("bob", "C0BOBS");
    await subscribe("bob", "C0OPEN", { isPublic: true });
    await bench.open("alice");
    expect(bench.home("alice")).toContain("<#C0MINE>");
    expect(bench.home("alice")).toContain("<#C0OPEN>");
    expect(bench.home("alice")).not.toContain("<#C0BOBS>");
  });

  test("a card is linked by its place, with one question to Slack for all of them", async () => {
    for (let n = 0; n < 3; n++) await bench.keep("alice");
    await bench.open("alice");
    const { id } = bench.slack.channel("dev");
    expect(bench.home("alice")).toContain(`.slack.com/archives/${id}/p12|Stripe twin>`);
    expect(bench.slack.log.filter(({ method }) => method === "auth.test")).toHaveLength(1);
    expect(bench.slack.log.filter(({ method }) => method === "chat.getPermalink")).toEqual([]);
  });
});

describe("when it looks again", () => {
  test("each minute while someone looks and a run of theirs has an end", async () => {
    await bench.keep("alice");
    await bench.open("alice");
    later(3_000);
    expect((await look("alice"))?.requeueAt).toBe(Date.now() + MINUTE);
    later(VIEWING_MS);
    expect((await look("alice"))?.requeueAt).toBeUndefined();
  });

  test("a shorter extension is offered when it has come into reach", async () => {
    const deadline = { at: NOW + 20 * MINUTE, remindAt: NOW + 15 * MINUTE, reminded: false };
    await bench.keep("alice", { deadline });
    await bench.open("alice");
    expect(bench.home("alice")).not.toContain('"value":"15"');
    later(6 * MINUTE);
    await look("alice");
    expect(bench.home("alice")).toContain('"value":"15"');
  });

  test("not at all where nothing runs", async () => {
    await bench.open("alice");
    later(3_000);
    expect((await look("alice"))?.requeueAt).toBeUndefined();
  });
});

describe("an answer to a press", () => {
  const person = () => bench.of("alice");

  test("stands on the Home at once, for a while", async () => {
    await bench.open("alice");
    await bench.poked();
    expect(await replyOnHome(bench.side, person(), textContent("It has already ended."))).toBe(true);
    expect(await bench.poked()).toEqual([idOf("alice")]);
    later(1);
    const outlook = await look("alice");
    expect(bench.home("alice")).toContain("It has already ended.");
    expect(outlook?.requeueAt).toBe(NOW + 2 * MINUTE);
    later(2 * MINUTE);
    await look("alice");
    expect(bench.home("alice")).not.toContain("It has already ended.");
  });

  test("stays for those who left and come back, under what was said before", async () => {
    await bench.open("alice");
    await replyOnHome(bench.side, person(), textContent("It has already ended."));
    await replyOnHome(bench.side, person(), textContent("It was not extended."));
    await bench.open("alice");
    expect(bench.home("alice")).toContain("It has already ended.");
    expect(bench.home("alice")).toContain("It was not extended.");
  });

  test("must be told otherwise to those who do not look", async () => {
    expect(await replyOnHome(bench.side, person(), textContent("x"))).toBe(false);
    await bench.open("alice");
    later(VIEWING_MS + 1);
    expect(await replyOnHome(bench.side, person(), textContent("x"))).toBe(false);
  });
});

describe("while Arga is in trouble", () => {
  test("that is said, with since when, and asked again until it is over", async () => {
    const restore = bench.arga.fault({ status: 503 });
    await bench.open("alice");
    const outlook = await bench.step(ARGA);
    expect(outlook?.requeueAt).toBe(Date.now() + 12_000);
    later(3_000);
    await look("alice");
    expect(bench.home("alice")).toMatch(
      /:warning: Trouble with Arga since <!date[^>]*>: Service Unavailable/,
    );
    expect(bench.home("alice")).toContain("Arga isn't answering.");

    restore();
    later(12_000);
    expect((await bench.step(ARGA))?.requeueAt).toBeUndefined();
    await look("alice");
    expect(bench.home("alice")).not.toContain(":warning:");
    expect(bench.home("alice")).toContain("*Plan*  team");
  });

  test("since stays when it began", async () => {
    bench.arga.fault({ action: "reset" });
    await bench.open("alice");
    await bench.step(ARGA);
    later(40_000);
    await bench.step(ARGA);
    expect((await bench.side.homes.arga())?.trouble?.since).toBe(NOW);
  });

  test("nobody asks for those who went away", async () => {
    bench.arga.fault({ status: 503 });
    await bench.open("alice");
    later(VIEWING_MS + 1);
    expect((await bench.step(ARGA))?.requeueAt).toBeUndefined();
  });

  test("a wrong key is its trouble, another refusal is an answer", async () => {
    bench.arga.fault({ status: 401 });
    await bench.step(ARGA);
    expect((await bench.side.homes.arga())?.trouble).toEqual({
      why: "Arga doesn't accept my API key. Whoever runs this bot should check ARGA_API_KEY.",
      since: Date.now(),
    });
    bench.arga.clearFaults();
    bench.arga.fault({ status: 403, body: { detail: "Not for this plan" } });
    later(30_000);
    await bench.step(ARGA);
    expect(await bench.side.homes.arga()).toEqual({ at: Date.now() });
  });
});

describe("while Slack is in trouble", () => {
  test("a 429 rests this lane for as long as Slack says, and no other", async () => {
    bench.slack.fault({ method: "views.publish", retryAfter: 30, times: 1 });
    await bench.side.homes.opened(bench.of("alice"), Date.now());
    expect((await look("alice"))?.requeueAt).toBe(NOW + 30_000);
    expect((await look("alice"))?.requeueAt).toBe(NOW + 30_000);
    expect(publishes()).toHaveLength(1);
    later(30_000);
    await look("alice");
    expect(bench.home("alice")).toContain("Your runs");
  });

  test("a view whose answer was lost is sent again", async () => {
    bench.slack.fault({ method: "views.publish", action: "lose", times: 1 });
    await bench.side.homes.opened(bench.of("alice"), Date.now());
    expect((await look("alice"))?.requeueAt).toBe(NOW + 3_000);
    later(3_000);
    await look("alice");
    expect(publishes()).toHaveLength(2);
  });

  test("one that is refused is not", async () => {
    bench.slack.fault({ method: "views.publish", error: "not_enabled", times: 1 });
    await bench.side.homes.opened(bench.of("alice"), Date.now());
    expect((await look("alice"))?.requeueAt).toBeUndefined();
  });

  test("120 people who open it at once are served within Slack's limit", async () => {
    const users = Array.from({ length: 120 }, (_, n) => `U${n}`);
    const waits: number[] = [];
    for (const user of users) {
      await bench.side.homes.opened({ team: bench.slack.teamId, user }, Date.now());
      const outlook = await bench.step(user);
      if (outlook?.requeueAt !== undefined) waits.push(outlook.requeueAt - NOW);
    }
    expect(publishes().filter(({ status }) => status === 429)).toEqual([]);
    expect(waits).toHaveLength(30);
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(60_000);
  });
});

test("what is kept of a Home is let go a week after it was seen last", async () => {
  await bench.open("alice");
  await look("alice");
  const keys = await bench.redis.keys("test:home*");
  for (const key of keys) {
    const ttl = await bench.redis.ttl(key);
    expect(ttl, key).toBeGreaterThan(0);
    expect(ttl, key).toBeLessThanOrEqual(30 * 24 * 3600);
  }
});
