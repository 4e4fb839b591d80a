import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import type { SlackMessage } from "../../sim/slack/server.ts";
import { isTaken, payloadOf } from "../support/life.ts";
import { type Loaded, loadOld, type OldRecord, oldGroups } from "../support/old-records.ts";
import { freshWorld, type World } from "../support/world.ts";

/**
 * Records of version 0.1.0 are still read, each is brought to its end, and what was still to be said is said once.
 * All is seen from outside: in Slack, at Arga, and by an empty index of what is left to do.
 */

const concurrent = test.concurrent;

/** What a card calls an outcome, and how to tell apart what a person alone is told. */
const OUTCOMES: Record<string, string> = {
  passed: "passed",
  torn_down: "torn down",
  expired: "ended: its time was up",
  failed: "failed",
  refused: "not started",
  cancelled: "cancelled",
  lost: "not heard of any more",
  unknown: "unknown: Arga's answer was lost",
};
const ANSWERS: Record<string, string> = {
  done: ": (?:extended|locked|reset|is being)\\b",
  not_done: "was not (?:extended|locked)",
  unclear: "nobody can tell whether",
  rejected: "did you mean `stripe`",
  unheard: "not been able to post here",
};
const CARDS = Object.fromEntries(Object.entries(OUTCOMES).map(([name, words]) => [name, `: ${words}\\b`]));

/** Which of a table's patterns a text has; the text itself if none. */
const named = (table: Record<string, string>, text: string): string =>
  Object.keys(table).find((name) => new RegExp(table[name] ?? "").test(text)) ?? text;

const LOOK_MS = 400;
const PAUSE_MS = 3_000;
const PATIENCE_MS = 50_000;

/** Looks until it holds; what does not is for the expectation after it to tell. */
async function whenever(holds: () => boolean | Promise<boolean>, ms = PATIENCE_MS): Promise<void> {
  const until = Date.now() + ms;
  while (!(await holds()) && Date.now() < until) await sleep(LOOK_MS);
}

/** Those of a channel and of all of its threads. */
const messagesIn = ({ slack }: World, channel: string): SlackMessage[] =>
  slack.messages(channel).flatMap((root) => [root, ...slack.messages(channel, { thread: root.ts })]);

const inRole = (messages: SlackMessage[], role: string): SlackMessage[] =>
  messages.filter((message) => payloadOf(message)?.role === role);

const keyOf = (message: SlackMessage): string => String(payloadOf(message)?.key);

/** Times and triggers are new in each world. */
const sortOf = (key: string): string =>
  key.replace(/^(reminder|acted:(?!w-)|steps).*/s, "$1").replace(/:$/, "");

/** All that Slack shows of a record. */
function seenOf(world: World, { name, id, steps = {}, source }: OldRecord) {
  const isOfIt = (message: SlackMessage): boolean => payloadOf(message)?.run_id === id;
  const messages = messagesIn(world, name).filter(isOfIt);
  const thread = inRole(messages, "thread");
  const lines = thread.flatMap(({ text }) => text.split("\n"));
  const told = (who: string): string[] =>
    world.slack
      .ephemerals(who, name)
      .filter(({ kind }) => kind === "response_url" || kind === "postEphemeral")
      .map(({ text }) => named(ANSWERS, text));
  return {
    name,
    cards: inRole(messages, "card").map(({ text }) => named(CARDS, text)),
    thread: thread.map((message) => sortOf(keyOf(message))).filter((key) => key !== "steps"),
    repeated: thread.length - new Set(thread.map(keyOf)).size,
    steps: Object.keys(steps).map((step) => [step, lines.filter((line) => line.includes(step)).length]),
    alone: { alice: told("alice"), bob: told("bob") },
    direct: messagesIn(world, "dm:alice").filter(isOfIt).map(keyOf),
    also: source ? inRole(messagesIn(world, source.channel).filter(isOfIt), "notice").length : 0,
  };
}

function expectedOf(record: OldRecord): ReturnType<typeof seenOf> {
  const { name, card, settled, outcome, thread, steps = {}, alone, ask, direct, also = 0 } = record;
  return {
    name,
    cards: card === "none" ? [] : [settled ? "the card" : outcome],
    thread,
    repeated: 0,
    steps: Object.entries(steps),
    alone: { alice: [...(alone.alice ?? []), ...(ask ? ["done"] : [])], bob: alone.bob ?? [] },
    direct,
    also,
  };
}

/** Ends it as its requester would, once its thread was told all that comes before, and again if that did not arrive. */
async function askForEnd(world: World, record: OldRecord): Promise<void> {
  const { name, id, ask, thread } = record;
  if (!ask) return;
  const asked = thread.lastIndexOf("acted");
  const isTold = (n: number): boolean => seenOf(world, record).thread.length >= n;
  await whenever(() => isTold(asked));
  for (let tries = 0; tries < 5 && !isTold(asked + 1); tries++) {
    const delivery = await world.slack.command("alice", name, "/arga", `${ask} ${id}`);
    if (isTaken(delivery) && !delivery.shown) return;
    await whenever(() => isTold(asked + 1), PAUSE_MS);
  }
}

/** So many runs at once would wait for minutes in line for Slack's limits, which are not what this is about. */
function unlimited(redis: Redis): () => void {
  const forget = async (): Promise<void> => {
    const keys = await redis.keys("arga:pace:*");
    if (keys.length > 0) await redis.del(...keys);
  };
  const timer = setInterval(() => void forget().catch(() => {}), LOOK_MS);
  return () => clearInterval(timer);
}

const answerTo = async ({ slack }: World, text: string, channel: string): Promise<string> =>
  JSON.stringify((await slack.command("alice", channel, "/arga", text)).shown ?? {});

/** What Arga did for the bot: creates, and the last words of all other routes. */
const actsSince = ({ arga }: World, first: number): string[] =>
  arga.requests
    .slice(first)
    .filter(({ method, applied }) => applied && method !== "GET")
    .map(({ method, route }) =>
      route.includes("{") ? `${method} ${route.replace(/.*[/}]/, "")}`.trim() : "create",
    )
    .sort();

const expectedActs = (records: OldRecord[]): string[] =>
  records.flatMap(({ acts, creates }) => [...acts, ...(creates ? ["create"] : [])]).sort();

interface Scene {
  world: World;
  loaded: Loaded;
  records: OldRecord[];
}

/** Which runs each channel hears of, by their names. */
function heardIn({ world, loaded, records }: Scene): string[] {
  const nameOf = (id: unknown): string | undefined =>
    records.find((record) => record.id === id || loaded.argaIds.get(record.name) === id)?.name;
  const channels = world.slack.channels().filter(({ name }) => /^(hear|board)-/.test(name));
  return channels
    .flatMap(({ name }) =>
      inRole(world.slack.messages(name), "notice").map((one) => `${name}: ${nameOf(payloadOf(one)?.run_id)}`),
    )
    .sort();
}

/** What else is looked at: before anything is ended, and after all has ended. */
const more: Record<string, (scene: Scene) => Promise<() => Promise<void>>> = {
  async timed({ world, loaded }) {
    // A list that was seen a moment ago is not asked for again.
    expect(await answerTo(world, "tests", "twin-starting")).toContain("Known before");
    return async () => {
      const created = world.arga.runs.size;
      for (const each of loaded.deliveries) expect(isTaken(await world.slack.redeliver(each))).toBe(true);
      expect(await answerTo(world, "list all", "twin-starting")).not.toContain("Stripe");
      expect(world.arga.runs.size).toBe(created);
    };
  },
  async around(scene) {
    const { world, records } = scene;
    const wanted = records.flatMap(({ name, notices = [] }) =>
      notices.map((channel) => `${channel}: ${name}`),
    );
    await whenever(() => heardIn(scene).length >= wanted.length);
    expect(heardIn(scene)).toEqual(wanted.sort());
    const homeOf = (who: string): string => JSON.stringify(world.slack.home(who) ?? {});
    // It stands on the second page of what ended, which alice had turned to.
    const listed = String(records.find(({ name }) => name === "ended-2")?.id);
    await whenever(() => homeOf("alice").includes(listed));
    expect(homeOf("alice")).toContain(listed);
    expect(homeOf("alice")).toContain("Said by the version before");
    expect(await answerTo(world, "notify list", "hear-repo")).toMatch(/Acme\/Shop.*acme\/other/s);
    return async () => {
      expect(heardIn(scene)).toEqual(wanted);
      const ended = String(records.find(({ ask }) => ask)?.id);
      await whenever(() => homeOf("bob").includes(ended));
      expect(homeOf("bob")).toContain(ended);
    };
  },
};

concurrent.for(Object.entries(oldGroups))(
  "what version 0.1.0 left in Redis is brought to its end: %s",
  { timeout: 120_000 },
  async ([group, old], { onTestFinished }) => {
    let loaded: Loaded = { argaIds: new Map(), deliveries: [] };
    let requests = 0;
    const world = await freshWorld(onTestFinished, {
      slack: { channels: old.channels, rateLimits: false },
      arga: { speed: 20, provisionSeconds: 10, cleanupSeconds: 0, runSeconds: 60 },
      before: async (place) => {
        loaded = await loadOld(place, old);
        requests = place.arga.requests.length;
      },
    });
    const redis = new Redis(world.redis.url);
    onTestFinished(() => redis.disconnect());
    onTestFinished(unlimited(redis));
    const records = old.records.filter(({ id }) => id !== undefined);
    const lookAgain = await more[group]?.({ world, loaded, records: old.records });
    await Promise.all(records.map((record) => askForEnd(world, record)));
    const seen = () => records.map((record) => seenOf(world, record));
    const expected = records.map(expectedOf);
    await whenever(() => isDeepStrictEqual(seen(), expected));
    expect(seen()).toEqual(expected);

    await whenever(async () => (await redis.zcard("arga:live")) === 0);
    expect(await redis.zcard("arga:live")).toBe(0);
    expect(seen()).toEqual(expected);
    expect(actsSince(world, requests)).toEqual(expectedActs(records));
    for (const { name, id, outcome } of records) {
      const isShut = world.slack.channels().some((one) => one.name === name && one.archived);
      const status = await answerTo(world, `status ${id}`, isShut ? "sources" : name);
      expect(status, name).toContain(`— ${OUTCOMES[outcome]}`);
    }
    await lookAgain?.();
  },
);
