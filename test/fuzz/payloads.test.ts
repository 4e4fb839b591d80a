import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { actions } from "../../src/handlers/actions/index.ts";
import { events } from "../../src/handlers/events/index.ts";
import { options } from "../../src/handlers/options/index.ts";
import { shortcuts } from "../../src/handlers/shortcuts/index.ts";
import { views } from "../../src/handlers/views/index.ts";
import { startWorld, type World } from "../support/world.ts";
import { changed, changes, oddText } from "./foreign.ts";
import { HANDS, RUNS, SEED } from "./runs.ts";
import { type Tour, tour } from "./tour.ts";

/**
 * Every handler, by its id, is given payloads that are nearly Slack's: correctly signed, with fields dropped, of another
 * type, far too large or in one another. The built bot answers each, and goes on.
 */

type Payload = Tour["payloads"][number];

let world: World;
let bases: Payload[];
let run: string;

/** How fast a machine is says nothing here. */
const PATIENT = { ackMs: 60_000, triggerMs: 60_000 };

beforeAll(async () => {
  world = await startWorld({ slack: { rateLimits: false, timing: PATIENT } });
  const seen = await tour(world);
  run = seen.run;
  bases = seen.payloads.flatMap(withEveryId);
});
afterAll(() => world?.stop());

/** Cards, modals and Homes have the same shape whatever was used in them. */
function withEveryId(payload: Payload): Payload[] {
  const { type, view } = payload;
  const event = payload.event as Payload | undefined;
  if (type === "block_actions") {
    const [action] = payload.actions as Payload[];
    return Object.keys(actions).map((action_id) => ({ ...payload, actions: [{ ...action, action_id }] }));
  }
  if (type === "view_submission")
    return Object.keys(views).map((callback_id) => ({
      ...payload,
      view: { ...(view as Payload), callback_id },
    }));
  if (type === "block_suggestion")
    return Object.keys(options).map((action_id) => ({ ...payload, action_id }));
  if (type === "shortcut" || type === "message_action")
    return Object.keys(shortcuts).map((callback_id) => ({ ...payload, callback_id }));
  if (event) return Object.keys(events).map((name) => ({ ...payload, event: { ...event, type: name } }));
  return [payload];
}

const idOf = ({ type, command, actions: used, view, event, callback_id, action_id }: Payload): string => {
  const [action] = (used ?? []) as Payload[];
  const within = (view ?? event) as Payload | undefined;
  return String(
    action?.action_id ?? action_id ?? callback_id ?? within?.callback_id ?? within?.type ?? command ?? type,
  );
};

test("the tour has seen every surface", () => {
  const ids = new Set(bases.map(idOf));
  for (const handlers of [actions, views, options, shortcuts, events])
    expect([...ids]).toEqual(expect.arrayContaining(Object.keys(handlers)));
  expect([...ids]).toContain("/arga");
});

/** What a button may say, and what it may not. */
const values = fc.oneof(
  fc.constantFrom(
    "60",
    "lock",
    "share",
    "stripe",
    '{"page":0}',
    '{"page":-1}',
    '{"page":1e300}',
    "mine:1",
    "help",
  ),
  oddText,
);
const blocks = fc.constantFrom("run:RUN", "run:RUN:x", "run:nosuch", "b1");

const payloads = fc.record({
  base: fc.nat(100_000),
  changes,
  action: fc.option(fc.record({ value: values, block: blocks }), { nil: undefined }),
  metadata: fc.option(fc.oneof(oddText, fc.json(), fc.constant('{"run":"RUN","control":"lock"}')), {
    nil: undefined,
  }),
});

const withRun = (text: string): string => text.replaceAll("RUN", run);

function payloadFrom(made: {
  base: number;
  changes: Parameters<typeof changed>[1];
  action: { value: string; block: string } | undefined;
  metadata: string | undefined;
}): Payload {
  const base = structuredClone(bases[made.base % bases.length] as Payload);
  const [action] = (base.actions ?? []) as Payload[];
  if (action && made.action) {
    const { value, block } = made.action;
    Object.assign(action, { block_id: withRun(block), value, selected_option: { value } });
  }
  if (base.view && made.metadata !== undefined)
    Object.assign(base.view, { private_metadata: withRun(made.metadata) });
  return changed(base, made.changes);
}

let sent = 0;

/** As Slack would send it, were it what it is. */
function bodyOf(payload: Payload): { body: string; contentType?: string } {
  // Each is another delivery than those before.
  if (typeof payload.trigger_id === "string")
    payload.trigger_id = `${payload.trigger_id.slice(0, 200)}.${sent++}`;
  if (payload.type === "event_callback")
    return { body: JSON.stringify(payload), contentType: "application/json" };
  if (payload.command === undefined)
    return { body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString() };
  const pairs = Object.entries(payload).map(([name, value]): [string, string] => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return { body: new URLSearchParams(pairs).toString() };
}

const TYPES = new Set<unknown>([
  ...["block_actions", "block_suggestion", "event_callback", "message_action", "shortcut"],
  ...["view_closed", "view_submission"],
]);

test(`whatever Slack could bring is answered, and the bot goes on (${RUNS} payloads)`, async () => {
  const { slack, bot } = world;
  await fc.assert(
    fc.asyncProperty(payloads, async (made) => {
      const payload = payloadFrom(made);
      const { status, body } = await slack.rawDelivery(bodyOf(payload));
      // Twice the same in a second, larger than Slack sends, and nothing that an app could have a handler for.
      const isKnown = typeof payload.command === "string" || TYPES.has(payload.type);
      expect([200, 400, 401, 413, ...(isKnown ? [] : [404])], `${status} ${body}`).toContain(status);
      expect(bot.hasExited()).toBe(false);
      expect(faultsIn(bot.output())).toEqual([]);
    }),
    { numRuns: RUNS, ...SEED, interruptAfterTimeLimit: 600_000 },
  );
  await stillWorks();
}, 700_000);

/** Lines of the log that tell of something nobody foresaw. */
let read = 0;
function faultsIn(output: string): string[] {
  const lines = output.slice(read).split("\n");
  // The last line may still be on its way.
  read = output.length - (lines.pop() ?? "").length;
  return lines.filter((line) => {
    if (line === "") return false;
    const { level, err } = JSON.parse(line) as { level: string; err?: { code?: string; message?: string } };
    // A loaded machine may be too slow for Redis's time-out.
    const isForeseen = err?.code !== undefined || err?.message === "Command timed out";
    return level === "fatal" || (level === "error" && !isForeseen);
  });
}

/** What was kept of it breaks nothing for anybody. */
async function stillWorks(): Promise<void> {
  const { slack, bot, redis } = world;
  for (const who of HANDS) {
    const list = await slack.command(who, "dev", "/arga", "list all");
    expect(list.shown?.text).toBeDefined();
    expect(JSON.stringify(list.shown)).not.toContain("Something went wrong on my side");
    await slack.openHome(who);
  }
  await slack.until(() => HANDS.every((who) => slack.home(who)));
  const ready = await fetch(`${bot.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(faultsIn(bot.output())).toEqual([]);
  const secrets = [slack.botToken, slack.signingSecret, world.arga.key];
  const all = [bot.output(), await redis.dump(), JSON.stringify(slack.messages("dev"))];
  for (const secret of secrets) expect(all.some((text) => text.includes(secret))).toBe(false);
}
