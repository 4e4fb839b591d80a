import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HomeForms, homeOpened, pressHome } from "../../../src/handlers/events/app-home.ts";
import type { HandlerContext, Interaction } from "../../../src/handlers/shared/context.ts";
import { ARGA } from "../../../src/jobs/home/reconcile.ts";
import { type Bench, startBench } from "../support/home-bench.ts";

let bench: Bench;
let opened: unknown[];

beforeEach(async () => {
  bench = await startBench();
  opened = [];
});

afterEach(() => bench.stop());

/** As far as Homes use it. */
const context = (): HandlerContext => bench.side as unknown as HandlerContext;

const forms: HomeForms = {
  twins: async () => void opened.push("twins"),
  test: async (_context, _interaction, prefill) => void opened.push(prefill ?? "test"),
};

const press = (name: string, choice?: string) => {
  const { team, user } = bench.of("alice");
  const actor = { id: user, name: "alice", channel: "" };
  const reply = { user, channel: "", at: Date.now() };
  const interaction: Interaction = { team, actor, reply, key: "k", trigger: "t", hidden: false };
  return pressHome(context(), interaction, { name, choice }, forms);
};

test("the forms open, that of a saved test with it chosen", async () => {
  await press("twins");
  await press("test");
  await press("run", "t1");
  expect(opened).toEqual(["twins", "test", { saved: "t1" }]);
});

describe("a page", () => {
  test("is kept and shown at once", async () => {
    await bench.open("alice");
    await bench.poked();
    expect(await press("page", "recent:3")).toBeUndefined();
    expect((await bench.side.homes.get(bench.of("alice")))?.pages).toMatchObject({ recent: 3, mine: 0 });
    expect(await bench.poked()).toEqual([bench.of("alice").user]);
  });

  test.for(["", "recent", "recent:-1", "recent:1e9", "said:1", "__proto__:1", "mine:12345"])(
    "%j is none",
    async (choice) => {
      expect((await press("page", choice))?.text).toContain("do not know this button");
      expect(await bench.side.homes.get(bench.of("alice"))).toBeUndefined();
    },
  );
});

test.for([["planet"], ["run"], ["run", "a b"], ["run", "x".repeat(151)]])(
  "%j does nothing",
  async ([name, id]) => {
    expect((await press(name ?? "", id))?.text).toContain("do not know this button");
    expect(opened).toEqual([]);
  },
);

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
