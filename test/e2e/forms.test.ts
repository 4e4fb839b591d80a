import { describe, expect, test } from "vitest";
import type { SlackMessage } from "../../sim/slack/server.ts";
import {
  applied,
  forgetArga,
  formOf,
  inputOf,
  isNothingCreated,
  offered,
  shortcut,
  soonOffered,
  valuesOf,
  viewOf,
} from "../support/forms.ts";
import { cardShows, cardsOf, isTaken, payloadOf, textOf } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

// One after another: a modal must be open within three seconds, and worlds side by side would slow each other down.

describe("the form of twins", () => {
  test("starts what was filled in, in the channel that was chosen", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const view = await shortcut(world, "arga_twins");
    await soonOffered(world, view, "twins", "str").toContain("stripe");
    await soonOffered(world, view, "twins", "").toContain("github");
    await soonOffered(world, view, "scenario", "billing").toContain("preset-saas-billing");
    const done = await world.slack.submit("alice", view, {
      twins: ["stripe", "slack"],
      time: "1h 30m",
      scenario: "preset-saas-billing",
      access: "private",
      channel: world.slack.channel("ops").id,
    });
    expect(isTaken(done)).toBe(true);
    expect(world.slack.views("alice")).toHaveLength(0);
    const card = await world.slack.until(() => cardsOf(world, "ops")[0]);
    expect(textOf(card)).toContain("Stripe, Slack twins");
    await world.slack.until(() => applied(world, "POST /twin-runs").length > 0);
    expect(applied(world, "POST /twin-runs").map(({ body }) => body)).toEqual([
      { twins: ["stripe", "slack"], ttl_minutes: 90, scenario_id: "preset-saas-billing", public: false },
    ]);
    const bob = await world.slack.command("bob", "dev", "/arga", "list all");
    expect(JSON.stringify(bob.shown)).toContain("Stripe, Slack");
  });

  test("opens by /arga twins with nothing after it, for that channel", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { plan: "free" } });
    expect(isTaken(await world.slack.command("alice", "dev", "/arga", "twins"))).toBe(true);
    const { id } = await formOf(world, "arga_twins");
    await world.slack.until(() => JSON.stringify(inputOf(world, "time")).includes("free plan"));
    expect(isTaken(await world.slack.submit("alice", id, { twins: ["stripe"] }))).toBe(true);
    await world.slack.until(() => cardsOf(world)[0]);
    await world.slack.until(() => world.arga.runs.size === 1);
  });

  test("says in each field what is wrong, keeps what was typed, and starts nothing", async ({
    onTestFinished,
  }) => {
    const world = await freshWorld(onTestFinished, { arga: { plan: "free" } });
    const view = await shortcut(world, "arga_twins");
    const errors = async (values: Record<string, unknown>): Promise<Record<string, string>> =>
      (await world.slack.submit("alice", view, values)).shown?.errors ?? {};
    const channel = world.slack.channel("dev").id;
    const wrong = await errors({ twins: ["stripe"], time: "soon", prompt: "two", scenario: "s", channel });
    expect(wrong).toEqual({
      time: expect.stringContaining("isn't a time"),
      prompt: expect.stringContaining("not both"),
    });
    expect(valuesOf(world)).toContain('"soon"');
    expect(await errors({ time: "10", scenario: null, twins: ["strpe"] })).toEqual({
      twins: expect.stringContaining("Did you mean “stripe”"),
    });
    expect(await errors({ twins: ["stripe", "slack"] })).toEqual({
      twins: expect.stringContaining("one twin"),
    });
    expect(await errors({ twins: ["stripe"], time: "480" })).toEqual({
      time: expect.stringContaining("allows up to 10 min"),
    });
    expect(await errors({ time: "481" })).toEqual({ time: expect.stringContaining("The most is 8 h") });
    expect(await errors({ time: "10", channel: world.slack.channel("lonely").id })).toEqual({
      channel: expect.stringContaining("/invite"),
    });
    expect(valuesOf(world)).toContain('"two"');
    expect(isNothingCreated(world)).toBe(true);
    expect(await errors({ channel })).toEqual({});
    await world.slack.until(() => world.arga.runs.size === 1);
  });

  test("a private channel's run is nobody else's business", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const view = await shortcut(world, "arga_twins");
    await world.slack.submit("alice", view, {
      twins: ["stripe"],
      channel: world.slack.channel("secret").id,
    });
    await world.slack.until(() => cardsOf(world, "secret")[0]);
    const bob = await world.slack.command("bob", "dev", "/arga", "list all");
    expect(JSON.stringify(bob.shown)).toContain("Nothing is running");
    const alice = await world.slack.command("alice", "dev", "/arga", "list all");
    expect(JSON.stringify(alice.shown)).toContain("Stripe twin");
  });

  test("submitted once more because Slack got no answer, it is one run", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const view = await shortcut(world, "arga_twins");
    const values = { twins: ["stripe"], channel: world.slack.channel("dev").id };
    const first = world.slack.submit("alice", view, values);
    const second = world.slack.submit("alice", view, values);
    await Promise.all([first, second]);
    await world.slack.until(() => world.arga.runs.size > 0);
    await cardShows(world, '"run.credentials"');
    expect(cardsOf(world)).toHaveLength(1);
    expect(world.arga.runs.size).toBe(1);
  });
});

describe("while Arga is slow or away", () => {
  test("the forms open, and what comes later changes nothing that was typed", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { plan: "free" } });
    await forgetArga(world);
    const { promise: hold, resolve: answer } = Promise.withResolvers<void>();
    const faultless = world.arga.fault({ hold });
    const view = await shortcut(world, "arga_twins");
    expect(await offered(world, view, "twins", "stripe")).toEqual(["stripe"]);
    // A mistake leaves the form open, filled in.
    const values = {
      twins: ["stripe"],
      time: "soon",
      prompt: "mine",
      channel: world.slack.channel("dev").id,
    };
    const wrong = await world.slack.submit("alice", view, values);
    expect(wrong.shown?.errors).toEqual({ time: expect.stringContaining("isn't a time") });
    // So far Arga said nothing at all; now it does.
    answer();
    await world.slack.until(() => JSON.stringify(inputOf(world, "time")).includes("free plan"));
    faultless();
    for (const typed of ['"soon"', '"mine"', '"stripe"']) expect(valuesOf(world)).toContain(typed);
    expect(isTaken(await world.slack.submit("alice", view, { time: "10" }))).toBe(true);
    await world.slack.until(() => world.arga.runs.size === 1);
  });

  test("names can be typed, the form says so, and the run starts once Arga is back", async ({
    onTestFinished,
  }) => {
    const world = await freshWorld(onTestFinished);
    await forgetArga(world);
    const back = world.arga.fault({ action: "reset" });
    const view = await shortcut(world, "arga_test");
    await world.slack.until(() => JSON.stringify(viewOf(world)).includes("Arga isn't answering"));
    expect(await offered(world, view, "twins", "stri")).toEqual(["stri"]);
    expect(await offered(world, view, "saved", "t-1")).toEqual(["t-1"]);
    expect(await offered(world, view, "twins", "no name")).toEqual([]);
    const channel = world.slack.channel("dev").id;
    const submitted = await world.slack.submit("alice", view, {
      url: "https://shop.example.com",
      what: "open the shop",
      channel,
    });
    expect(isTaken(submitted)).toBe(true);
    await cardShows(world, "Open the shop · shop.example.com");
    expect(world.arga.testRuns.size).toBe(0);
    back();
    await cardShows(world, ": passed");
  });

  test("a form that cannot be opened is told of", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    world.slack.fault({ method: "views.open", error: "expired_trigger_id" });
    await world.slack.globalShortcut("alice", "arga_test");
    await world.slack.until(() =>
      world.slack.messages("dm:alice").find(({ text }) => text.includes("The form didn't open")),
    );
    await world.slack.command("alice", "dev", "/arga", "test");
    await world.slack.until(() =>
      world.slack.ephemerals("alice", "dev").find(({ text }) => text.includes("The form didn't open")),
    );
  });
});

describe("the form of a test", () => {
  test("tests a page, and says in each field what is wrong before", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const view = await shortcut(world, "arga_test");
    const channel = world.slack.channel("dev").id;
    const errors = async (values: Record<string, unknown>): Promise<Record<string, string>> =>
      (await world.slack.submit("alice", view, values)).shown?.errors ?? {};
    await expect(errors({ channel })).rejects.toThrow("form.url is required");
    await expect(errors({ url: "shop" })).rejects.toThrow("form.what is required");
    const all = { url: "shop", what: "open the shop", twins: ["plaid"], repo: "acme", branch: "a b" };
    expect(Object.keys(await errors(all))).toEqual(["url", "repo", "branch"]);
    const right = { url: "https://shop.example.com", repo: "acme/shop", branch: "main" };
    expect(await errors(right)).toEqual({ twins: expect.stringContaining("no “plaid” twin") });
    expect(isNothingCreated(world)).toBe(true);
    expect(await errors({ twins: ["stripe"] })).toEqual({});
    await cardShows(world, " · shop.example.com");
    await world.slack.until(() => applied(world, "POST /test-runs").length > 0);
    expect(applied(world, "POST /test-runs").map(({ body }) => body)).toEqual([
      {
        prompt: "open the shop",
        start_url: "https://shop.example.com",
        twins: ["stripe"],
        repo: "acme/shop",
        branch: "main",
      },
    ]);
  });

  test("runs a saved test, on another page", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    const [saved] = [...world.arga.savedTests.values()];
    if (!saved) throw new Error("the local Arga has no saved test");
    await world.slack.command("alice", "dev", "/arga", "test");
    const { id } = await formOf(world, "arga_test");
    await soonOffered(world, id, "saved", saved.name.slice(0, 4)).toContain(saved.id);
    // It has all that a new one would have to be told; left again, that's asked for.
    const fields = (): unknown[] => viewOf(world)?.blocks.map(({ block_id }) => block_id) ?? [];
    const ofPage = ["saved", "url", "what", "twins", "repo", "branch", "channel"];
    expect(fields()).toEqual(ofPage);
    expect(inputOf(world, "url").optional).toBeUndefined();
    await world.slack.pressInView("alice", id, "form.saved", { value: saved.id });
    await world.slack.until(() => !fields().includes("what"));
    expect(fields()).toEqual(["saved", "url", "channel"]);
    expect(inputOf(world, "url").optional).toBe(true);
    await world.slack.submit("alice", id, { url: "https://next.example.com" });
    await cardShows(world, `${saved.name} · next.example.com`);
  });
});

describe("a test that is asked from a message", () => {
  const TEXT = "Checkout at https://shop.example.com/cart?a=1&b=2 is odd for @bob, see #ops";

  async function openOn(world: World, message: SlackMessage): Promise<string> {
    expect(isTaken(await world.slack.messageShortcut("alice", message, "arga_test_message"))).toBe(true);
    return (await formOf(world, "arga_test")).id;
  }

  test.for([{ to: "dev" }, { to: "ops" }])(
    "is filled in from it, and told in its thread beside the card in #$to",
    async ({ to }, { onTestFinished }) => {
      const world = await freshWorld(onTestFinished, { arga: { speed: 20 } });
      const { message } = await world.slack.postAsUser("bob", "dev", TEXT);
      const view = await openOn(world, message);
      expect(JSON.stringify(inputOf(world, "url"))).toContain("https://shop.example.com/cart?a=1&b=2");
      expect(valuesOf(world)).toContain("Checkout at is odd for @someone, see #ops");
      expect(valuesOf(world)).toContain(world.slack.channel("dev").id);
      await world.slack.submit("alice", view, { channel: world.slack.channel(to).id });
      const card = await world.slack.until(() => cardsOf(world, to)[0]);
      const told = await world.slack.until(() =>
        world.slack
          .messages("dev", { thread: message.ts })
          .find(({ text }) => text.includes("run from this message: passed")),
      );
      expect(textOf(told)).toContain(card.ts.replace(".", ""));
      expect(payloadOf(told)).toMatchObject({ role: "notice", key: "also:ended" });
      await world.slack.until(() =>
        world.slack.messages(to, { thread: card.ts }).at(-1)?.text.includes("passed"),
      );
      expect(world.slack.messages("dev", { thread: message.ts })).toHaveLength(1);
    },
  );

  test("is told of once, though the answer to the post was lost", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 20 } });
    const { message } = await world.slack.postAsUser("bob", "dev", TEXT);
    const view = await openOn(world, message);
    world.slack.fault({ method: "chat.postMessage", channel: "dev", action: "lose", times: 1 });
    await world.slack.submit("alice", view, { channel: world.slack.channel("ops").id });
    await world.slack.until(() => world.slack.log.some((entry) => entry.method === "conversations.replies"));
    await world.slack.until(() => textOf(cardsOf(world, "ops")[0] as SlackMessage).includes(": passed"));
    expect(world.slack.messages("dev", { thread: message.ts })).toHaveLength(1);
  });

  test("says when that thread cannot be told", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 20 } });
    const { message } = await world.slack.postAsUser("alice", "lonely", "https://shop.example.com is odd");
    const view = await openOn(world, message);
    await world.slack.until(() => JSON.stringify(viewOf(world)).includes("can't post the result"));
    await world.slack.submit("alice", view, { channel: world.slack.channel("dev").id });
    await cardShows(world, ": passed");
    expect(world.slack.messages("lonely")).toHaveLength(1);
  });
});

describe("the forms of a Home", () => {
  const openFrom = async ({ slack }: World, button: string, title: string): Promise<string> => {
    await slack.openHome("alice");
    const home = await slack.until(() => {
      const view = slack.home("alice");
      return JSON.stringify(view?.blocks ?? []).includes(button) ? view : undefined;
    });
    await slack.pressInView("alice", home.id, button);
    const form = await slack.until(() =>
      slack.views("alice").find((view) => JSON.stringify(view.title).includes(title)),
    );
    return form.id;
  };

  test("validate a page or a branch, and say where something is wrong", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { plan: "paid", speed: 20 } });
    const { slack } = world;
    const channel = slack.channel("dev").id;
    const form = await openFrom(world, "home.validate", "Validate");
    expect(inputOf(world, "branch")).toEqual({});
    await slack.pressInView("alice", form, "form.subject", { value: "branch" });
    await slack.until(() => inputOf(world, "branch").block_id);
    await expect(slack.submit("alice", form, { target: "acme/shop", channel })).rejects.toThrow(
      "form.branch is required",
    );
    const wrong = await slack.submit("alice", form, { target: "https://a.example", branch: "main", channel });
    expect(wrong.shown?.errors).toEqual({ target: expect.stringContaining("owner/name") });
    const right = { target: "acme/shop", branch: "main", channel };
    expect(isTaken(await slack.submit("alice", form, right))).toBe(true);
    await cardShows(world, "Validation of acme/shop");
    const other = await openFrom(world, "home.validate", "Validate");
    const page = { target: "https://shop.example.com", what: "a guest can pay", channel };
    expect(isTaken(await slack.submit("alice", other, page))).toBe(true);
    await cardShows(world, "a guest can pay");
  });

  test("start a sandbox", async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { speed: 10, plan: "paid" } });
    const form = await openFrom(world, "home.sandbox", "sandbox");
    const channel = world.slack.channel("dev").id;
    const values = { target: "acme/shop", branch: "main", twins: ["stripe"], time: "30m", channel };
    await soonOffered(world, form, "twins", "str").toContain("stripe");
    expect(isTaken(await world.slack.submit("alice", form, values))).toBe(true);
    await world.slack.until(() => applied(world, "POST /sandbox-runs").length > 0);
    expect(applied(world, "POST /sandbox-runs")[0]?.body).toEqual({
      repo: "acme/shop",
      branch: "main",
      twins: ["stripe"],
      ttl_minutes: 30,
    });
  });
});
