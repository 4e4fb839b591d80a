import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { isTaken, payloadOf } from "../support/life.ts";
import { type OldRecord, oldGroups } from "../support/old-records.ts";
import { expectedOf, inRole, OUTCOMES, seenOf } from "../support/old-seen.ts";
import { type Loaded, loadOld } from "../support/old-world.ts";
import { freshWorld, type World } from "../support/world.ts";

/**
 * Records of version 0.1.0 are still read, each is brought to its end, and what was still to be said is said once.
 * All is seen from outside: in Slack, at Arga, and by an empty index of what is left to do.
 */

interface Scene {
  world: World;
  redis: Redis;
  loaded: Loaded;
  all: OldRecord[];
  /** Of those, the bot's own. */
  records: OldRecord[];
}

const LOOK_MS = 400;
/** What a slow Redis took after all is found and done by then. */
const FOUND_MS = 35_000;
const PATIENCE_MS = 50_000;
const TRIES = 5;

/** Looks until it holds; what does not is for the expectation after it to tell. */
async function whenever(holds: () => boolean | Promise<boolean>, ms = PATIENCE_MS): Promise<void> {
  const until = Date.now() + ms;
  while (!(await holds()) && Date.now() < until) await sleep(LOOK_MS);
}

/** Ends it as its requester would, once its thread was told all that comes before, and again if that did not arrive. */
async function askForEnd(world: World, record: OldRecord): Promise<void> {
  const { name, id, ask, thread } = record;
  if (!ask) return;
  const asked = thread.lastIndexOf("acted");
  const isTold = (n: number): boolean => seenOf(world, record).thread.length >= n;
  await whenever(() => isTold(asked));
  for (let tries = 0; tries < TRIES && !isTold(asked + 1); tries++) {
    const delivery = await world.slack.command("alice", name, "/arga", `${ask} ${id}`);
    if (isTaken(delivery) && !delivery.shown) return;
    await whenever(() => isTold(asked + 1), FOUND_MS);
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

/** What a command answers at once, asked again by a person whom a slow machine let down. */
async function answerTo({ slack }: World, text: string, channel: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    const delivery = await slack.command("alice", channel, "/arga", text);
    const answer = JSON.stringify(delivery.shown ?? {});
    if (tries === TRIES || (isTaken(delivery) && !/Redis/.test(answer))) return answer;
  }
}

/** What Arga did since all was there: creates, and the last words of all other routes. */
const actsOf = ({ world, loaded }: Scene): string[] =>
  world.arga.requests
    .slice(loaded.requests)
    .filter(({ method, applied }) => applied && method !== "GET")
    .map(({ method, route }) =>
      route.includes("{") ? `${method} ${route.replace(/.*[/}]/, "")}`.trim() : "create",
    )
    .sort();

const expectedActs = (records: OldRecord[]): string[] =>
  records.flatMap(({ acts, creates }) => [...acts, ...(creates ? ["create"] : [])]).sort();

/** Which runs each channel hears of, by their names. */
function heardIn({ world, loaded, all }: Scene): string[] {
  const nameOf = (id: unknown): string | undefined =>
    all.find((record) => record.id === id || loaded.argaIds.get(record.name) === id)?.name;
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
    const { world, all } = scene;
    const wanted = all.flatMap(({ name, notices = [] }) => notices.map((channel) => `${channel}: ${name}`));
    await whenever(() => heardIn(scene).length >= wanted.length);
    expect(heardIn(scene)).toEqual(wanted.sort());
    const homeOf = (who: string): string => JSON.stringify(world.slack.home(who) ?? {});
    // It stands on the second page of what ended, which alice had turned to.
    const listed = String(all.find(({ name }) => name === "ended-2")?.id);
    await whenever(() => homeOf("alice").includes(listed));
    expect(homeOf("alice")).toContain(listed);
    expect(homeOf("alice")).toContain("Said by the version before");
    expect(await answerTo(world, "notify list", "hear-repo")).toMatch(/Acme\/Shop.*acme\/other/s);
    return async () => {
      expect(heardIn(scene)).toEqual(wanted);
      const ended = String(all.find(({ ask }) => ask)?.id);
      await whenever(() => homeOf("bob").includes(ended));
      expect(homeOf("bob")).toContain(ended);
    };
  },
};

type AtEnd = (end: () => void | Promise<void>) => void;

async function worldOf(group: string, atEnd: AtEnd): Promise<Scene> {
  const old = oldGroups[group] ?? { channels: [], records: [], redis: {} };
  let loaded: Loaded = { argaIds: new Map(), requests: 0, deliveries: [] };
  const world = await freshWorld(async (end) => atEnd(end), {
    slack: { channels: old.channels, rateLimits: false },
    arga: { speed: 30, provisionSeconds: 10, cleanupSeconds: 0, runSeconds: 60 },
    before: async (place) => {
      loaded = await loadOld(place, old);
    },
  });
  const redis = new Redis(world.redis.path);
  atEnd(() => redis.disconnect());
  atEnd(unlimited(redis));
  return {
    world,
    redis,
    loaded,
    all: old.records,
    records: old.records.filter(({ id }) => id !== undefined),
  };
}

/** Two at a time are what two cores carry. */
const names = Object.keys(oldGroups);
describe.for([names.slice(0, 2), names.slice(2, 4), names.slice(4)])(
  "what version 0.1.0 left in Redis",
  (two) => {
    test.concurrent.for(two)(
      "is brought to its end: %s",
      { timeout: 180_000 },
      async (group, { onTestFinished }) => {
        const scene = await worldOf(group, onTestFinished);
        const { world, redis, records } = scene;
        const lookAgain = await more[group]?.(scene);
        await Promise.all(records.map((record) => askForEnd(world, record)));
        const seen = () => records.map((record) => seenOf(world, record));
        const expected = records.map(expectedOf);
        let open = records;
        await whenever(() => {
          open = open.filter((record) => !isDeepStrictEqual(seenOf(world, record), expectedOf(record)));
          return open.length === 0;
        });
        expect(seen()).toEqual(expected);
        await whenever(async () => (await redis.zcard("arga:live")) === 0);
        expect(await redis.zcard("arga:live")).toBe(0);
        // Nothing was said, or done, once more.
        expect(seen()).toEqual(expected);
        expect(actsOf(scene)).toEqual(expectedActs(records));
        for (const { name, id, outcome } of records) {
          const isShut = world.slack.channels().some((one) => one.name === name && one.archived);
          const status = await answerTo(world, `status ${id}`, isShut ? "sources" : name);
          expect(status, name).toContain(`— ${OUTCOMES[outcome]}`);
        }
        await lookAgain?.();
      },
    );
  },
);
