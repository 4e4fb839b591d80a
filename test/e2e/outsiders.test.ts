import { afterAll, beforeAll, expect, test } from "vitest";
import { cardShows, threadSays } from "../support/life.ts";
import { answerAlone, asInstalled, bringAgain } from "../support/talk.ts";
import { startWorld, type World } from "../support/world.ts";

/** A channel that two companies share: Eve is of the other one, Gil of another workspace of the own Enterprise Grid. */

const REFUSED = "Only people from this workspace";
let world: World;

beforeAll(async () => {
  world = await startWorld({
    arga: { speed: 1, provisionSeconds: 0.2 },
    slack: {
      ...asInstalled.slack,
      rateLimits: false,
      users: [
        "alice",
        { name: "eve", home: { team: "T0OTHER" } },
        { name: "gil", home: { team: "T0GRID", grid: "E0GRID" } },
      ],
      channels: [{ name: "dev", members: ["alice", "eve", "gil"] }],
    },
  });
  await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
  await cardShows(world, "run.credentials");
});
afterAll(() => world.stop());

const postsToArga = () => world.arga.requests.filter(({ method }) => method === "POST").length;

test("somebody of another company who presses a button has no effect and is told so alone", async () => {
  const card = await cardShows(world, "run.credentials");
  const before = postsToArga();
  const { payload } = await world.slack.press("eve", card, "run.extend", { value: "120" });
  await world.slack.until(() => world.slack.ephemerals("eve")[0]);
  // Also one that this card doesn't have.
  for (const id of ["run.credentials", "run.logs", "run.rerun", "tests.run", "notify.remove", "talk.open"]) {
    const [action] = (payload as { actions: object[] }).actions;
    const forged = { ...payload, trigger_id: `1.2.${id}`, actions: [{ ...action, action_id: id }] };
    const body = new URLSearchParams({ payload: JSON.stringify(forged) }).toString();
    const told = await answerAlone(world, "eve", () =>
      world.slack.rawDelivery({ body, contentType: "application/x-www-form-urlencoded" }),
    );
    expect(told.text).toContain(REFUSED);
  }
  expect(world.slack.ephemerals("eve")).toHaveLength(7);
  expect(postsToArga()).toBe(before);
  expect(world.slack.views("eve")).toEqual([]);
});

test("a refused press that Slack brings twice is answered once", async () => {
  const card = await cardShows(world, "run.credentials");
  let payload = {};
  await answerAlone(world, "eve", async () => {
    ({ payload } = await world.slack.press("eve", card, "run.teardown"));
  });
  const bring = async (user: object, name: string, id: string): Promise<void> => {
    const [action] = (payload as { actions: object[] }).actions;
    const forged = {
      ...payload,
      user,
      response_url: undefined,
      trigger_id: id,
      actions: [{ ...action, action_id: "run.made-up" }],
    };
    const body = new URLSearchParams({ payload: JSON.stringify(forged) }).toString();
    // Signed a second later, as Slack's own second delivery is.
    const now = Math.floor(Date.now() / 1000);
    await answerAlone(world, name, () => world.slack.rawDelivery({ body, timestamp: now - 1 }));
    const { length } = world.slack.ephemerals(name);
    await world.slack.rawDelivery({ body, timestamp: now });
    // What comes after it is answered, and nothing in between.
    await answerAlone(world, name, () =>
      world.slack.rawDelivery({ body: body.replace(id, `${id}-more`), timestamp: now }),
    );
    expect(world.slack.ephemerals(name)).toHaveLength(length + 1);
  };
  const { user } = payload as { user: object };
  await bring(user, "eve", "twice-eve");
  const { id } = world.slack.user("alice");
  await bring({ id, username: "alice", team_id: world.slack.teamId }, "alice", "twice-alice");
});

test("somebody of another company who mentions the bot starts nothing", async () => {
  const before = postsToArga();
  const told = await answerAlone(world, "eve", () => world.slack.mention("eve", "dev", "twins stripe 60"));
  expect(told.text).toContain(REFUSED);
  expect(postsToArga()).toBe(before);
});

test("a shortcut of another company's person opens no form", async () => {
  await world.slack.globalShortcut("eve", "arga_twins");
  expect(world.slack.views("eve")).toEqual([]);
});

test("a colleague from another workspace of the same Enterprise Grid may act", async () => {
  await world.slack.press("gil", await cardShows(world, "run.credentials"), "run.extend", { value: "240" });
  await threadSays(world, "Extended by gil");
});

test("a colleague is answered, whatever workspaces a mention names beside their own", async () => {
  const first = await world.slack.mention("alice", "dev", "help");
  const told = await answerAlone(world, "alice", () =>
    bringAgain(world, first, { ts: "3.1", source_team: "T0OTHER", team: "T0OTHER", text: "<@U> help twins" }),
  );
  expect(told.text).not.toContain(REFUSED);
});
