import { expect, test } from "vitest";
import {
  cardShows,
  cardsOf,
  isTaken,
  keysOf,
  payloadOf,
  pickUntilTaken,
  pressUntilTaken,
  textOf,
  theCard,
  threadOf,
  threadSays,
} from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

const applied = (world: World, route: string) =>
  world.arga.requests.filter((request) => request.route === route && request.applied);

concurrent.for(["http", "socket"] as const)(
  "over %s, a twin run lives from the command to its end, as its card and thread tell",
  async (mode, { onTestFinished }) => {
    // An hour takes six minutes; the reminder is due half a minute before the end.
    const world = await freshWorld(onTestFinished, {
      mode,
      arga: { speed: 10, provisionSeconds: 5, cleanupSeconds: 2 },
      env: { REMIND_BEFORE_MINUTES: "0.5" },
    });
    const { slack, arga } = world;

    const typed = await slack.command("alice", "dev", "/arga", "twins stripe 60");
    expect(isTaken(typed)).toBe(true);
    expect(typed.shown).toBeUndefined();

    const ready = await cardShows(world, "run.credentials");
    const [create] = applied(world, "POST /twin-runs");
    expect(create?.body).toEqual({ twins: ["stripe"], ttl_minutes: 60 });
    expect(applied(world, "POST /twin-runs")).toHaveLength(1);
    const firstPost = slack.log.find((entry) => entry.method === "chat.postMessage");
    expect(firstPost?.at).toBeLessThanOrEqual(create?.at ?? 0);
    expect(ready.history.length).toBeGreaterThan(0);

    const [run] = [...arga.runs.values()];
    expect(textOf(ready)).toContain(`<!date^${Math.round((run?.expiresAt ?? 0) / 1000)}^`);
    expect((await threadSays(world, "ready")).text).toContain(`<@${slack.user("alice").id}>`);

    await pressUntilTaken(world, "run.extend", "120");
    await threadSays(world, "Extended by alice");
    expect(applied(world, "POST /twin-runs/{run_id}/extend")[0]?.body).toEqual({ ttl_minutes: 120 });
    await cardShows(world, `<!date^${Math.round((run?.expiresAt ?? 0) / 1000)}^`);

    await pickUntilTaken(world, "lock");
    await threadSays(world, "Locked by alice");
    const locked = await cardShows(world, "locked (no public URLs)");
    expect(textOf(locked)).not.toContain('"value":"lock"');

    await pickUntilTaken(world, "reset");
    await threadSays(world, "Reset by alice");
    expect(run?.resets).toBe(1);

    await slack.command("alice", "dev", "/arga", `extend ${payloadOf(ready)?.run_id} 6 --shorten`);
    const reminder = await threadSays(world, ": ends <!date");
    expect(textOf(reminder)).toContain('"run.extend"');
    await slack.press("alice", reminder, "run.teardown");
    expect((await threadSays(world, "torn down by alice")).text).not.toContain("<@");
    const ended = await cardShows(world, ": torn down");
    expect(textOf(ended)).toContain('"run.rerun"');
    expect(textOf(ended)).not.toContain('"run.teardown"');
    // What she pressed on the card, the card and the thread show; what she typed is answered where she typed it.
    expect(slack.ephemerals("alice").map(({ text }) => text)).toEqual([expect.stringContaining("xtended")]);
    expectMetadata(world);
  },
);

function expectMetadata(world: World): void {
  const messages = [...world.slack.messages("dev"), ...threadOf(world)];
  const keys = messages.map((message) => String(payloadOf(message)?.key));
  expect(new Set(keys).size).toBe(messages.length);
  const id = payloadOf(theCard(world))?.run_id;
  for (const message of messages) {
    expect(payloadOf(message)).toMatchObject({ run_id: id, kind: "twin" });
    for (const block of message.blocks)
      if (block.type === "actions")
        expect(String(block.block_id)).toMatch(new RegExp(`^run:${id}(:\\d+)?:[0-9a-f]{8}$`));
  }
  for (const message of threadOf(world)) expect(message).not.toHaveProperty("subtype", "thread_broadcast");
}

/** The modal that alice has open, once it says so. */
const viewSays = ({ slack }: World, words: string): Promise<string> =>
  slack.until(() =>
    slack
      .views("alice")
      .map((view) => JSON.stringify(view))
      .find((view) => view.includes(words)),
  );

concurrent(
  "credentials show in a modal for the presser alone, and stand nowhere else",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const { slack, arga } = world;
    await slack.command("alice", "dev", "/arga", "twins stripe,slack 60 --private");
    await cardShows(world, "run.credentials");
    await slack.press("alice", theCard(world), "run.credentials");
    const [run] = [...arga.runs.values()];
    const secrets = [
      run?.proxyToken ?? "",
      ...Object.values(run?.secrets ?? {}).flatMap((twin) => Object.values(twin)),
    ];
    expect(secrets.length).toBeGreaterThan(3);
    const modal = await slack.until(() =>
      slack.views("alice").find((view) => JSON.stringify(view).includes(String(run?.proxyToken))),
    );
    for (const secret of secrets) expect(JSON.stringify(modal)).toContain(secret);
    expect(slack.views("bob")).toHaveLength(0);

    await slack.pressInView("alice", modal.id, "credentials.format", { value: "json" });
    await viewSays(world, '{\\n  \\"Stripe\\"');
    await slack.pressInView("alice", modal.id, "credentials.picked", { values: ["Slack"] });
    const slackAlone = await viewSays(world, '{\\n  \\"Slack\\"');
    for (const secret of Object.values(run?.secrets?.slack ?? {})) expect(slackAlone).toContain(secret);
    for (const secret of Object.values(run?.secrets?.stripe ?? {})) expect(slackAlone).not.toContain(secret);
    // Everything but what is there to be copied: what Slack sends back to us with each press.
    const sentBack = JSON.stringify({ ...slack.views("alice")[0], blocks: [] });
    for (const secret of secrets) expect(sentBack).not.toContain(secret);

    await slack.press("bob", theCard(world), "run.credentials");
    await slack.until(() =>
      slack.ephemerals("bob").find((message) => message.text.includes("can't see the credentials")),
    );
    await slack.press("alice", theCard(world), "run.teardown");
    await threadSays(world, "torn down");

    const metrics = await (await fetch(`${world.bot.url}/metrics`)).text();
    const places = {
      redis: await world.redis.dump(),
      log: world.bot.output(),
      metrics,
      messages: JSON.stringify(slack.messages("dev")),
      thread: JSON.stringify(threadOf(world)),
    };
    const ours = [slack.botToken, slack.signingSecret, arga.key];
    for (const [place, text] of Object.entries(places))
      for (const secret of [...secrets, ...ours])
        expect(text.includes(secret), `${place} holds a secret`).toBe(false);
  },
);

concurrent(
  "a run that is left alone is reminded of once, and ends when its time is up",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, {
      arga: { speed: 120 },
      env: { REMIND_BEFORE_MINUTES: "5" },
    });
    await world.slack.command("alice", "dev", "/arga", "twins stripe 30");
    await threadSays(world, ": expired");
    await cardShows(world, "expired");
    const reminders = threadOf(world).filter((message) =>
      String(payloadOf(message)?.key).startsWith("reminder:"),
    );
    // Shorter than five minutes: reminded at half its time.
    expect(reminders).toHaveLength(1);
    expect(keysOf(world)).toEqual(["ready", String(payloadOf(reminders[0] ?? theCard(world))?.key), "ended"]);
  },
);

concurrent(
  "an extension arms the reminder again, a restart does not repeat it",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, {
      arga: { speed: 120 },
      env: { REMIND_BEFORE_MINUTES: "0.4" },
    });
    const { slack } = world;
    const reminders = () => keysOf(world).filter((key) => key.startsWith("reminder:"));
    await slack.command("alice", "dev", "/arga", "twins stripe 60");
    const first = await threadSays(world, ": ends <!date");
    await world.bot.stop();
    await world.restart();
    await slack.press("alice", first, "run.extend", { value: "60" });
    await slack.until(() => reminders().length === 2);
    await slack.press("alice", theCard(world), "run.teardown");
    await threadSays(world, "torn down");
    expect(reminders()).toHaveLength(2);
  },
);

concurrent("a run that ended can be started again by anyone in the channel", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished);
  const { slack } = world;
  await slack.command("alice", "dev", "/arga", 'twins stripe 60 --prompt "two customers"');
  await cardShows(world, "run.credentials");
  await slack.press("alice", theCard(world), "run.teardown");
  const ended = await cardShows(world, "run.rerun");
  await Promise.all([slack.press("bob", ended, "run.rerun"), slack.press("alice", ended, "run.rerun")]);
  await slack.until(
    () => cardsOf(world).length === 2 && textOf(cardsOf(world)[1] ?? ended).includes("run.credentials"),
  );
  expect(cardsOf(world)).toHaveLength(2);
  const bodies = applied(world, "POST /twin-runs").map((request) => request.body);
  expect(bodies).toEqual([bodies[0], bodies[0]]);
});

concurrent(
  "the legacy routes are used where /twin-runs is not known, and the log says so",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { dialect: { canonicalTwinRuns: false } } });
    await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
    await cardShows(world, "run.credentials");
    await pressUntilTaken(world, "run.teardown");
    await threadSays(world, "torn down");
    expect(world.bot.output()).toContain("legacy routes");
    expect(world.arga.runs.size).toBe(1);
  },
);

concurrent("a run that was torn down elsewhere is told about", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished, { arga: { speed: 10, provisionSeconds: 5 } });
  await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
  await cardShows(world, "run.credentials");
  const [id = ""] = [...world.arga.runs.keys()];
  world.arga.control.teardown(id);
  await threadSays(world, "torn down");
});
