import { afterAll, beforeAll, expect, test } from "vitest";
import { cardShows, cardsOf, payloadOf, textOf, threadOf, threadSays } from "../../support/life.ts";
import { startWorld, type World } from "../../support/world.ts";
import { type Audits, startAudits } from "../support/made-up/audits.ts";
import { type BuiltBot, buildWithAudit } from "../support/made-up/build.ts";

/**
 * Adding a kind takes one file and its name in `src/kinds/index.ts`. So it is done here: to a copy of `src`, which is
 * then compiled and run like the bot itself.
 */

let audits: Audits;
let built: BuiltBot;
let world: World;

beforeAll(async () => {
  [audits, built] = await Promise.all([startAudits(), buildWithAudit()]);
  world = await startWorld({ app: built.app, env: { AUDITS_URL: audits.url } });
});
afterAll(async () => {
  await world?.stop();
  await Promise.all([audits?.close(), built?.remove()]);
});

const type = async (line: string, channel = "dev"): Promise<string> =>
  JSON.stringify((await world.slack.command("alice", channel, "/arga", line)).shown ?? "");

const actionIds = (text: string): string[] =>
  [...text.matchAll(/"action_id":"([^"]+)"/g)].map(([, id]) => id ?? "");

const noticesIn = (channel: string) =>
  world.slack
    .messages(channel)
    .filter(
      (message) => payloadOf(message)?.role === "notice" && payloadOf(message)?.run_id !== "subscription",
    );

test("its command is in the help, and what is wrong with it is said", async () => {
  expect(await type("help")).toContain("/arga audit SITE");
  expect(await type("help audit")).toContain("Audit a site for accessibility.");
  expect(await type("audit")).toContain("Which site?");
  expect(await type("audit x --deep")).toContain("has no --deep flag");
});

test("its run has a card with its buttons, is followed by its stream, and ends", async () => {
  await type("audit shop.example");
  const running = await cardShows(world, "Audit of shop.example: running");
  expect(payloadOf(running)?.kind).toBe("audit");
  expect(actionIds(textOf(running))).toEqual(["run.cancel", "run.more"]);
  await world.slack.until(() => audits.requests.includes("GET /audits/audit-0/steps"));
  audits.step("shop.example", "Images have descriptions");
  await threadSays(world, "Images have descriptions");
  audits.finish("shop.example");
  const ended = await cardShows(world, "Audit of shop.example: passed, 1 step");
  expect(actionIds(textOf(ended))).toEqual(["run.rerun"]);
  await threadSays(world, "Audit of shop.example: passed");
  expect(cardsOf(world)).toHaveLength(1);
  expect(threadOf(world).map((message) => payloadOf(message)?.kind)).not.toContain("test");
  expect(audits.requests.filter((request) => request.endsWith("/steps"))).toHaveLength(1);
});

test("its list is read with one request, and what ended elsewhere is announced as one of its kind", async () => {
  const SUBSCRIBE = "notify on --kind audit --all";
  await type(SUBSCRIBE, "ops");
  const sites = ["one.example", "two.example", "three.example"];
  for (const site of sites) audits.add(site, "failed");
  const before = audits.requests.length;
  // Whoever subscribes has the list looked at.
  await type(SUBSCRIBE, "ops");
  await world.slack.until(() => noticesIn("ops").length === sites.length);
  expect(noticesIn("ops").map((message) => payloadOf(message)?.kind)).toEqual(["audit", "audit", "audit"]);
  for (const site of sites) expect(noticesIn("ops").some((each) => textOf(each).includes(site))).toBe(true);
  // Nothing is asked of one by itself.
  expect(new Set(audits.requests.slice(before))).toEqual(new Set(["GET /audits"]));
});

test("forms, metrics and refusals know it by its name", async () => {
  await type("notify");
  const form = await world.slack.until(() => world.slack.views("alice")[0]);
  expect(JSON.stringify(form.blocks)).toContain('"text":"Audit"');
  expect(await (await fetch(`${world.bot.url}/metrics`)).text()).toContain(
    'arga_slack_runs{kind="audit",state="ready"} 0',
  );
  const [card] = cardsOf(world);
  const id = String(payloadOf(card as never)?.run_id);
  expect(await type(`logs ${id}`)).toMatch(/no logs of this audit/);
});
