import { setTimeout as sleep } from "node:timers/promises";
import type { Arga, StreamFault } from "../../../sim/arga/server.ts";
import { crowdExtends, crowdReruns } from "./crowd.ts";
import type { Slot } from "./fleet.ts";
import type { Scene } from "./scene.ts";
import { cardOf, namesIn, threadUnder } from "./seen.ts";
import { soon } from "./soon.ts";
import type { Stage } from "./stage.ts";

type ArgaRequest = Arga["requests"][number];

type Trouble = (stage: Stage) => Promise<void> | void;

/** How long Redis is away, in ms: a cable that is pulled, and everything else. */
const SILENT_MS = 30_000;
const AWAY_MS = { least: 500, spread: 2_000 };

const CREATE = /^POST \/[\w/-]+$/;

const PROCESSES: Record<string, Trouble> = {
  "a web process killed": ({ scene, starts }) => killOne(scene, starts, "web"),
  "a worker killed": ({ scene, starts }) => killOne(scene, starts, "worker"),
  "a worker killed before its create has an effect": (stage) => killInCreate(stage, "reset"),
  "a worker killed after its create had its effect": (stage) => killInCreate(stage, "lose"),
  "workers killed before a post has an effect": (stage) => killInPost(stage, "reset"),
  "workers killed after a post had its effect": (stage) => killInPost(stage, "lose"),
  "a process killed right before it asks Redis": killBeforeRedis,
  "a process drained and replaced": async ({ scene: { fleet, random } }) =>
    fleet.replace(random.pick(fleet.slots)),
  "a clock that jumps, and back": async ({ scene: { fleet, random } }) => {
    const { bot } = random.pick(fleet.slots);
    bot?.signal("SIGUSR2");
    await sleep(3_000);
    bot?.signal("SIGUSR2");
  },
};

const REDIS: Record<string, Trouble> = {
  "Redis killed": (stage) =>
    outage(stage, async ({ redis, random }) => {
      await redis.master.kill();
      await sleep(AWAY_MS.least + random.below(AWAY_MS.spread));
      await redis.master.start();
    }),
  "Redis silent for 30 s": (stage) => outage(stage, silence(SILENT_MS)),
  "Redis silent for 3 s": (stage) => outage(stage, silence(3_000)),
  "Redis full": (stage) =>
    outage(stage, async ({ redis, random }) => {
      await redis.ask("CONFIG", "SET", "maxmemory", "1");
      await sleep(AWAY_MS.least + random.below(AWAY_MS.spread));
      await redis.ask("CONFIG", "SET", "maxmemory", "0");
    }),
  "Redis read-only": (stage) =>
    outage(stage, async ({ redis, random }) => {
      await redis.ask("REPLICAOF", "127.0.0.1", "1");
      await sleep(AWAY_MS.least + random.below(AWAY_MS.spread));
      await redis.ask("REPLICAOF", "NO", "ONE");
    }),
  "Redis failed over": (stage) =>
    outage(stage, async ({ redis, fleet, random }) => {
      if (!(await redis.failOver())) return;
      // The name leads to the old master for a while.
      await sleep(random.below(AWAY_MS.spread));
      for (const slot of fleet.slots) slot.redis.leadTo(redis.master.path);
    }),
};

const slackCalls = /^(?:chat\.|response_url|conversations\.|views\.)/;

const SLACK: Record<string, Trouble> = {
  "Slack: 429": ({ scene }) => void scene.slack.fault({ method: /^chat\./, retryAfter: 2, times: 3 }),
  "Slack: 500": ({ scene }) => void scene.slack.fault({ method: slackCalls, status: 500, times: 4 }),
  "Slack: no answer at all": ({ scene }) =>
    void scene.slack.fault({ method: slackCalls, action: "hang", times: 2 }),
  "Slack: an answer lost": ({ scene }) =>
    void scene.slack.fault({ method: slackCalls, action: "lose", times: 3 }),
  "Slack: a connection cut": ({ scene }) =>
    void scene.slack.fault({ method: slackCalls, action: "reset", times: 3 }),
  "Slack: a page with 200": ({ scene }) =>
    void scene.slack.fault({ method: /^chat\./, action: "garble", text: "<html>Gateway</html>", times: 2 }),
  "Slack: half an answer": ({ scene }) =>
    void scene.slack.fault({ method: /^chat\./, action: "garble", text: '{"ok":true,"ts":', times: 2 }),
  "Slack: slow": ({ scene }) => void scene.slack.fault({ method: slackCalls, delayMs: 3_000, times: 4 }),
};

const SOCKETS: Record<string, Trouble> = {
  "sockets cut": ({ scene }) => scene.slack.sockets.drop(),
  "sockets silent": ({ scene }) => scene.slack.sockets.silence(),
  "sockets renewed": ({ scene }) => scene.slack.sockets.disconnect("refresh_requested"),
};

const stream = (kind: StreamFault["kind"]): Trouble => {
  return ({ scene }) => void scene.arga.fault({ route: /^GET /, stream: { kind, afterEvents: 1 }, times: 6 });
};

const ARGA: Record<string, Trouble> = {
  "Arga: 429": ({ scene }) => void scene.arga.fault({ status: 429, retryAfter: 1, times: 5 }),
  "Arga: 503": ({ scene }) => void scene.arga.fault({ status: 503, times: 5 }),
  "Arga: a page with 502": ({ scene }) =>
    void scene.arga.fault({ status: 502, body: "<html>Bad gateway</html>", times: 3 }),
  "Arga: a page with 200": ({ scene }) =>
    void scene.arga.fault({ status: 200, body: "<html>Please wait</html>", applyFirst: true, times: 3 }),
  "Arga: no answer at all": ({ scene }) => void scene.arga.fault({ action: "hang", times: 2 }),
  "Arga: a connection cut": ({ scene }) => void scene.arga.fault({ action: "reset", times: 3 }),
  "Arga: an answer lost": ({ scene }) => void scene.arga.fault({ action: "lose", times: 3 }),
  "Arga: slow": ({ scene }) => void scene.arga.fault({ delayMs: 3_000, times: 5 }),
  "Arga: a stream cut in a line": stream("cut-line"),
  "Arga: a stream that says nothing more": stream("silence"),
  "Arga: a stream with garbage": stream("garbage"),
};

const CROWDS: Record<string, Trouble> = {
  "forty people on one Extend": crowdExtends,
  "forty people on one Rerun": crowdReruns,
};

const UPGRADES: Record<string, Trouble> = {
  "an upgrade, or its way back": async ({ scene: { fleet, random }, otherApp }) => {
    const slot = random.pick(fleet.slots);
    await fleet.replace(slot, slot.app === undefined ? otherApp : undefined);
  },
};

export const TROUBLES: Readonly<Record<string, Trouble>> = {
  ...PROCESSES,
  ...REDIS,
  ...SLACK,
  ...SOCKETS,
  ...ARGA,
  ...CROWDS,
  ...UPGRADES,
};

/** What can happen now: sockets only where there are any, an upgrade only to another version. */
export function possible({ scene, otherApp }: Stage): string[] {
  return Object.keys(TROUBLES).filter((name) => {
    if (Object.hasOwn(SOCKETS, name)) return scene.fleet.mode === "socket";
    return !Object.hasOwn(UPGRADES, name) || otherApp !== undefined;
  });
}

async function killOne({ fleet, random }: Scene, starts: number[], role: Slot["role"]): Promise<void> {
  starts.push(await fleet.kill(random.pick(fleet.of(role))));
}

/** Holds a create, kills the worker that sent it, and lets it have its effect or not. */
async function killInCreate({ scene, asking, moves, found }: Stage, action: "reset" | "lose"): Promise<void> {
  const { arga, fleet } = scene;
  arga.clearFaults();
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const remove = arga.fault({ route: CREATE, hold, action, times: 1 });
  await asking.probe();
  const held = await soon(10_000, () => arga.requests.find(isHeld));
  remove();
  const [holder] = fleet.of("worker").sort((a, b) => b.postedAt - a.postedAt);
  const start = asking.asked.find(
    ({ name, sort }) => sort === "start" && namesIn(held?.body ?? "").includes(name),
  );
  if (!start || !holder) return release();
  // On its card or in its thread: Slack takes fifty edits a minute, and a town of forty people makes more.
  const shows = (): string => {
    const card = cardOf(scene, start.channel, start.name);
    return JSON.stringify([card?.blocks, card && threadUnder(scene, card).length]);
  };
  const before = shows();
  const killed = performance.now();
  const restarted = fleet.kill(holder);
  release();
  const hasMoved = await soon(30_000, () => shows() !== before);
  moves.push(hasMoved ? performance.now() - killed : Number.POSITIVE_INFINITY);
  if (!hasMoved)
    found.push(`${start.name} (${start.text}) didn't move when its worker was killed: ${before}`);
  await restarted;
}

/** Others take no time at all. */
const isHeld = ({ method, status, at }: ArgaRequest): boolean =>
  method === "POST" && status === "pending" && Date.now() - at > 200;

async function killInPost({ scene: { slack, fleet } }: Stage, action: "reset" | "lose"): Promise<void> {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const { length } = slack.log;
  const remove = slack.fault({ method: "chat.postMessage", hold, action, times: 1 });
  await soon(5_000, () => slack.log.slice(length).some(({ kind }) => kind === "held"));
  const killed = fleet.kill(...fleet.of("worker"));
  release();
  remove();
  await killed;
}

async function killBeforeRedis({ scene: { fleet, random } }: Stage): Promise<void> {
  const slot = random.pick(fleet.slots);
  let isReached = false;
  slot.redis.stopAt(random.below(40), () => {
    isReached = true;
  });
  await soon(3_000, () => isReached);
  slot.redis.stopAt(Number.POSITIVE_INFINITY, () => {});
  await fleet.kill(slot);
}

const silence =
  (ms: number) =>
  async ({ fleet }: Scene): Promise<void> => {
    const ends = fleet.slots.map(({ redis }) => redis.silence());
    await sleep(ms);
    for (const end of ends) end();
  };

/** Redis goes and comes back; then a new command must have its card soon. */
async function outage(
  { scene, asking, resumes }: Stage,
  happen: (scene: Scene) => Promise<void>,
): Promise<void> {
  scene.slack.clearFaults();
  scene.arga.clearFaults();
  await happen(scene);
  const back = performance.now();
  const { channel, name } = await asking.probe();
  const isShown = await soon(30_000, () => cardOf(scene, channel, name));
  resumes.push(isShown ? performance.now() - back : Number.POSITIVE_INFINITY);
}
