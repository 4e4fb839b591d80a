import { expect, test } from "vitest";
import { cardsOf, textOf } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

const concurrent = test.concurrent;

const creates = (world: World) =>
  world.arga.requests.filter(({ method, path }) => method === "POST" && path.startsWith("/twin-runs"));

/** What alice alone is told of a command, at once or later. */
async function told(world: World, text: string): Promise<string> {
  const before = world.slack.ephemerals("alice", "dev").length;
  await world.slack.command("alice", "dev", "/arga", text);
  const message = await world.slack.until(() => world.slack.ephemerals("alice", "dev")[before]);
  return JSON.stringify(message);
}

concurrent(
  "what a Free plan does not allow is explained and not tried; what it allows is the default",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { plan: "free" } });

    const tooLong = await told(world, "twins stripe 60");
    expect(tooLong).toContain("up to 10 min");
    expect(tooLong).toContain("/arga twins stripe 10");
    const tooMany = await told(world, "twins stripe,slack 10");
    expect(tooMany).toContain("one twin");
    expect(tooMany).toContain("/arga twins stripe 10");
    expect(creates(world)).toEqual([]);
    expect(cardsOf(world)).toEqual([]);

    await world.slack.command("alice", "dev", "/arga", "twins stripe");
    await world.slack.until(() => creates(world)[0]);
    expect(creates(world)[0]?.body).toEqual({ twins: ["stripe"], ttl_minutes: 10 });
  },
);

concurrent(
  "a month that is used up is explained to the person alone, also when their last run has just used it up",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished, { arga: { plan: "free", monthlyRuns: 1 } });
    await world.slack.command("alice", "dev", "/arga", "twins stripe");
    await world.slack.until(() => cardsOf(world).find((card) => !/requested/.test(card.text)));
    expect(await told(world, "twins slack")).toContain("has used all");
    expect(cardsOf(world)).toHaveLength(1);
  },
);

concurrent(
  "a refusal that the plan did not foretell is Arga's own, on the card",
  async ({ onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    world.arga.fault({
      route: "POST /twin-runs",
      status: 403,
      body: { detail: "Monthly limit reached" },
      times: 1,
    });
    await world.slack.command("alice", "dev", "/arga", "twins slack");
    await world.slack.until(() =>
      cardsOf(world).find((card) => textOf(card).includes("Monthly limit reached")),
    );
  },
);

concurrent.for([
  ["run foo", "no saved test"],
  ["run Sing up", "no saved test"],
  ["twins stripe --scenario nope", "no scenario"],
  ["sandbox acme/shop main --scenario nope", "no scenario"],
] as const)(
  "a name that Arga doesn't have is refused alone, without a card: %s",
  async ([typed, why], { onTestFinished }) => {
    const world = await freshWorld(onTestFinished);
    expect(await told(world, typed)).toContain(why);
    expect(world.slack.messages("dev").filter(({ metadata }) => metadata)).toEqual([]);
  },
);

concurrent("a saved test is run by its name", async ({ onTestFinished }) => {
  const world = await freshWorld(onTestFinished, { arga: { speed: 20 } });
  const [saved] = [...world.arga.savedTests.values()];
  await world.slack.command("alice", "dev", "/arga", `run ${saved?.name.toLowerCase()}`);
  await world.slack.until(() => cardsOf(world)[0]?.text.includes(String(saved?.name)));
  await world.slack.until(() => world.arga.testRuns.size === 1);
});
