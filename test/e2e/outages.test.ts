import { test } from "vitest";
import { startArga } from "../../sim/arga/server.ts";
import {
  cardShows,
  cardsOf,
  isTaken,
  keysOf,
  liveTwin,
  payloadOf,
  pickUntilTaken,
  pressUntilTaken,
  textOf,
  theCard,
  threadOf,
  threadSays,
} from "../support/life.ts";
import { closedPort } from "../support/ports.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

const creates = (world: World) =>
  world.arga.requests.filter((request) => request.route === "POST /twin-runs");
const type = (world: World, text = "twins stripe 60") => world.slack.command("alice", "dev", "/arga", text);

concurrent.for([
  ["lost after it was applied", { action: "lose" }],
  ["lost before it was applied", { action: "reset" }],
  ["a 502", { status: 502 }],
  ["a 504 behind which it was applied", { status: 504, applyFirst: true }],
  [
    "a page with a 200, behind which it was applied",
    { status: 200, body: "<p>Please wait</p>", applyFirst: true },
  ],
  ["a 204 without a word", { status: 204, body: "", applyFirst: true }],
] as const)(
  "a create whose answer is %s is not sent twice, and the card says unknown",
  async ([_name, fault], { expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    world.arga.fault({ route: "POST /twin-runs", ...fault });
    await type(world);
    const card = await cardShows(world, "can't tell if it started");
    expect(textOf(card)).toContain("Try again");
    expect(textOf(card)).toContain("dashboard");
    await threadSays(world, "can't tell if it started");
    expect(creates(world)).toHaveLength(1);
    world.arga.clearFaults();
    await world.slack.press("bob", card, "run.rerun");
    await world.slack.until(() => cardsOf(world).find((other) => textOf(other).includes("run.credentials")));
    expect(creates(world)).toHaveLength(2);
  },
);

concurrent.for([
  [403, "Monthly free plan limit reached"],
  [400, "Unknown twin: stripe"],
  [422, "ttl_minutes: too large"],
] as const)(
  "a refusal of Arga's (%i) is passed on in its own words, and nothing is tried again",
  async ([status, detail], { expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    world.arga.fault({ route: "POST /twin-runs", status, body: { detail } });
    await type(world);
    const card = await cardShows(world, "not started");
    expect(textOf(card)).toContain(detail);
    await threadSays(world, "not started");
    expect(creates(world)).toHaveLength(1);
  },
);

concurrent(
  "a create that Arga was too busy for is sent again when Arga says so",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    world.arga.fault({ route: "POST /twin-runs", status: 429, retryAfter: 2, times: 1 });
    await type(world);
    await cardShows(world, "run.credentials");
    const [first, second] = creates(world);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_500);
    expect(world.arga.runs.size).toBe(1);
  },
);

concurrent(
  "with Arga away, the card says so within half a minute and why, and goes on when Arga is back",
  async ({ expect, onTestFinished }) => {
    const port = await closedPort();
    const world = await freshWorld(onTestFinished, { env: { ARGA_API_URL: `http://127.0.0.1:${port}` } });
    await type(world);
    const card = await cardShows(world, "Nothing has happened", 40_000);
    expect(textOf(card)).toContain("ECONNREFUSED");
    const arga = await startArga({ port, key: world.arga.key, speed: 60 });
    onTestFinished(() => arga.close());
    await cardShows(world, "run.credentials");
    expect(arga.runs.size).toBe(1);
  },
);

concurrent("with Arga silent, the card says so within half a minute", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  world.arga.fault({ route: "POST /twin-runs", action: "hang" });
  await type(world);
  await cardShows(world, "Nothing has happened", 40_000);
});

concurrent(
  "with Slack failing, the person still hears of it, nothing is created, and all is told once when it is back",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { slack } = world;
    slack.fault({ method: /^chat\.post/, status: 500 });
    await type(world);
    await slack.until(
      () => slack.ephemerals("alice").find((message) => message.text.includes("haven't been able to post")),
      45_000,
    );
    expect(creates(world)).toHaveLength(0);
    slack.clearFaults();
    await cardShows(world, "run.credentials");
    expect(cardsOf(world)).toHaveLength(1);
  },
);

concurrent(
  "messages whose answers were lost are read back, not posted twice",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    world.slack.fault({ method: "chat.postMessage", action: "lose", times: 3 });
    expect(await liveTwin(world)).toBe("torn down");
    expect(cardsOf(world)).toHaveLength(1);
    expect(new Set(keysOf(world)).size).toBe(keysOf(world).length);
  },
);

concurrent.for(["<html><p>Gateway</p>", "", '{"ok":true,"ts":'])(
  "a message that Slack answers with a 200 and %j is read back: one card, one run, and nobody sees it",
  async (text, { expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    world.slack.fault({ method: "chat.postMessage", action: "garble", text, times: 3 });
    world.slack.fault({ method: "chat.update", action: "garble", text, times: 1 });
    expect(await liveTwin(world)).toBe("torn down");
    expect(cardsOf(world)).toHaveLength(1);
    expect(creates(world)).toHaveLength(1);
    expect(new Set(keysOf(world)).size).toBe(keysOf(world).length);
    expect(JSON.stringify(world.slack.ephemerals("alice"))).not.toContain("Gateway");
    expect(await (await fetch(`${world.bot.url}/metrics`)).text()).not.toContain("Gateway");
  },
);

concurrent(
  "a 429 of Slack's is obeyed without holding another channel",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { slack } = world;
    slack.fault({ method: "chat.postMessage", channel: "dev", retryAfter: 4, times: 1 });
    await type(world);
    await slack.command("alice", "ops", "/arga", "twins slack 60");
    const [other] = await slack.until(() => cardsOf(world, "ops").length > 0 && cardsOf(world, "ops"));
    const [held] = await slack.until(() => cardsOf(world).length > 0 && cardsOf(world));
    expect(Number(other?.ts)).toBeLessThan(Number(held?.ts));
    const posts = slack.log.filter(
      (entry) => entry.method === "chat.postMessage" && entry.channel === slack.channel("dev").id,
    );
    expect((posts[1]?.at ?? 0) - (posts[0]?.at ?? 0)).toBeGreaterThanOrEqual(4_000);
  },
);

concurrent("a card that someone deleted is posted anew", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const { slack } = world;
  slack.fault({ method: "chat.update", error: "message_not_found", times: 1 });
  await type(world);
  await slack.until(
    () =>
      cardsOf(world).length === 2 && cardsOf(world).some((card) => textOf(card).includes("run.credentials")),
  );
});

concurrent(
  "a press whose answer from Arga was lost acts once, and its presser learns the outcome",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 10, provisionSeconds: 5 } });
    const { slack, arga } = world;
    await type(world);
    await cardShows(world, "run.credentials");
    for (const [route, act, words] of [
      ["extend", () => pressUntilTaken(world, "run.extend", "120"), "Extended by"],
      ["lock", () => pickUntilTaken(world, "lock"), "Locked by"],
    ] as const) {
      arga.fault({ route: `POST /twin-runs/{run_id}/${route}`, action: "lose", times: 1 });
      await act();
      await threadSays(world, words);
      const sent = arga.requests.filter((request) => request.route.endsWith(`/${route}`));
      expect(sent).toHaveLength(1);
    }
    // Nobody can see whether a reset happened; it is not done twice, and its presser is told that.
    arga.fault({ route: /reset$/, action: "lose", times: 1 });
    await pickUntilTaken(world, "reset");
    await slack.until(() =>
      slack.ephemerals("alice").find((message) => message.text.includes("Can't tell if I managed to")),
    );
    expect(arga.requests.filter((request) => request.route.endsWith("/reset"))).toHaveLength(1);
  },
);

concurrent("Redis gone for a while loses nothing that was accepted", async ({ expect, onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const { slack } = world;
  await type(world);
  await cardShows(world, "run.credentials");
  await world.redis.kill();
  const refused = await slack.press("alice", theCard(world), "run.extend", { value: "120" });
  expect(isTaken(refused)).toBe(true);
  await slack.until(() =>
    slack.ephemerals("alice").find((message) => message.text.includes("Redis isn't answering")),
  );
  const typed = await type(world, "twins github 60");
  expect(typed.shown?.text).toContain("Redis isn't answering");
  expect(typed.shown?.text).toContain("`/arga twins github 60`");
  await world.redis.start();
  await world.bot.ready();
  await pressUntilTaken(world, "run.teardown");
  await threadSays(world, "torn down");
  expect(cardsOf(world)).toHaveLength(1);
  const told = await slack.until(() =>
    slack.ephemerals("alice").find((message) => message.text.includes("twins github 60")),
  );
  await slack.press("alice", told, "command.run.0");
  await slack.until(() => cardsOf(world).find((card) => textOf(card).includes("GitHub twin")));
  expect(threadOf(world).filter((message) => message.text.includes("Extended"))).toHaveLength(0);
});

concurrent(
  "an action that Arga fails at is tried ever more rarely, not hammered",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 1, provisionSeconds: 0.5 } });
    const { arga } = world;
    await type(world);
    await cardShows(world, "run.credentials");
    arga.fault({ route: "POST /twin-runs/{run_id}/extend", status: 500 });
    await pressUntilTaken(world, "run.extend", "120");
    const sent = () => arga.requests.filter((request) => request.route.endsWith("/extend"));
    await arga.until(() => sent().length >= 4);
    const [first, , , fourth] = sent();
    expect((fourth?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(2_000);
    arga.clearFaults();
    await threadSays(world, "Extended by");
  },
);

concurrent(
  "before Arga says when a run ends, an extension is held to what was asked for",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished, {
      arga: { speed: 1, provisionSeconds: 600, dialect: { ttlFrom: "ready" } },
    });
    await type(world, "twins stripe 240");
    const card = await cardShows(world, "run.extend");
    expect(JSON.stringify(card.blocks)).toContain('"480"');
    expect(JSON.stringify(card.blocks)).not.toContain('"value":"120"');
    const id = String(payloadOf(card)?.run_id);
    const typed = await type(world, `extend ${id} 20`);
    expect(typed.shown?.text).toContain("sooner than it ends now");
  },
);

concurrent(
  "a run whose channel takes no messages any more is told to its requester, and done with",
  async ({ expect, onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { slack } = world;
    await type(world);
    const card = await cardShows(world, "run.credentials");
    slack.fault({ method: /^chat\.(postMessage|update)$/, channel: "dev", error: "is_archived" });
    await slack.press("alice", card, "run.teardown");
    await slack.until(() =>
      slack.ephemerals("alice").find((message) => message.text.includes("can't post in its channel")),
    );
    await expect.poll(async () => /arga:live \["/.test(await world.redis.dump())).toBe(false);
  },
);
