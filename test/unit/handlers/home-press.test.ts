import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { actions } from "../../../src/handlers/actions/index.ts";
import { homeOpened } from "../../../src/handlers/events/app-home.ts";
import type { HandlerContext, Interaction } from "../../../src/handlers/shared/context.ts";
import { ARGA } from "../../../src/jobs/home/reconcile.ts";
import { type Bench, startBench } from "../support/home-bench.ts";

let bench: Bench;
let later: Promise<unknown>[];

beforeEach(async () => {
  bench = await startBench();
  later = [];
});

afterEach(async () => {
  await Promise.allSettled(later);
  await bench.stop();
});

/** As far as Homes use it. */
const context = (): HandlerContext => {
  const config = { maxTtlMinutes: 480, admins: new Set<string>() };
  const waitUntil = (work: Promise<unknown>): void => void later.push(work);
  return { ...bench.side, config, waitUntil } as unknown as HandlerContext;
};

const press = async (id: keyof typeof actions, value?: string, trigger = "t") => {
  const { team, user } = bench.of("alice");
  const actor = { id: user, name: "alice", channel: "" };
  const reply = { user, channel: "", at: Date.now() };
  const interaction: Interaction = { team, actor, reply, key: "k", trigger, hidden: false };
  const view = { id: "V1", metadata: "", type: "home" };
  return await actions[id](context(), interaction, { blockId: "", value, view });
};

test("the forms open, that of a saved test with it chosen", async () => {
  const opened = async (id: keyof typeof actions, value?: string): Promise<string> => {
    const { triggerId } = await bench.slack.command("alice", "dev", "/arga", "");
    expect(await press(id, value, triggerId)).toBeUndefined();
    await Promise.all(later);
    return JSON.stringify(bench.slack.views("alice").at(-1));
  };
  expect(await opened("home.twins")).toContain("Start twins");
  expect(await opened("home.test")).toContain("Run a test");
  expect(await opened("tests.run", "t1")).toMatch(/"initial_option":\{"value":"t1"/);
});

describe("a page", () => {
  test("is kept and shown at once", async () => {
    await bench.open("alice");
    await bench.poked();
    expect(await press("home.page", "recent:3")).toBeUndefined();
    expect((await bench.side.homes.get(bench.of("alice")))?.pages).toMatchObject({ recent: 3, mine: 0 });
    expect(await bench.poked()).toEqual([bench.of("alice").user]);
  });

  test.for(["", "recent", "recent:-1", "recent:1e9", "said:1", "__proto__:1", "mine:12345"])(
    "%j is none",
    async (choice) => {
      expect((await press("home.page", choice))?.text).toContain("button is out of date");
      expect(await bench.side.homes.get(bench.of("alice"))).toBeUndefined();
    },
  );
});

test("a filter is kept and shown at once, and what is none is refused", async () => {
  await bench.open("alice");
  await bench.poked();
  await bench.side.homes.turned(bench.of("alice"), "recent", 3);
  expect(await press("home.filter", "kind:twin")).toBeUndefined();
  expect(await bench.side.homes.get(bench.of("alice"))).toMatchObject({
    filter: "kind:twin",
    pages: { recent: 0 },
  });
  expect(await bench.poked()).toEqual([bench.of("alice").user]);
  for (const choice of ["", "kind:planet", "theirs"])
    expect((await press("home.filter", choice))?.text).toContain("button is out of date");
});

test.for(["", "a b", "x".repeat(151)])("%j is no saved test", async (id) => {
  expect((await press("tests.run", id))?.text).toContain("button is out of date");
  expect(later).toEqual([]);
});

describe("opening", () => {
  test("keeps who it was and has their Home looked at", async () => {
    await homeOpened(context(), bench.of("bob"));
    expect(await bench.poked()).toEqual([bench.of("bob").user]);
    await bench.step(bench.of("bob").user);
    expect(bench.home("bob")).toContain("Your runs");
    expect(await bench.poked()).toEqual([ARGA]);
  });

  test("says that Redis is away where it is", async () => {
    bench.redis.disconnect();
    await homeOpened(context(), bench.of("bob"));
    expect(bench.home("bob")).toContain("Redis isn't answering");
  });
});
