import type { Redis } from "ioredis";
import type { Arga } from "../sim/arga/server.ts";
import { ArgaClient } from "../src/api/client.ts";
import { interpret } from "../src/jobs/arga/interpret.ts";
import { kindOf } from "../src/kinds/index.ts";
import type { Run } from "../src/runs/run.ts";
import { observed } from "../src/runs/transitions.ts";
import { RunStore } from "../src/store/runs.ts";
import { card, hashOf } from "../src/views/card.ts";

/**
 * Runs that are live already when a bot starts: at Arga, and in Redis as the bot would have written them after it looked, so
 * that nothing is left to do but to watch them.
 */

const HOUR = 3_600_000;
const REMIND_BEFORE_MS = 5 * 60_000;
const MAX_TTL_MINUTES = 480;
const AT_ONCE = 50;
const URL = "https://shop.example.com/";
const PROMPT = "open the page, add a mug, check out";
const TASK = { url: URL, prompt: PROMPT };

/** Where a run's card is. */
export interface Place {
  channel: string;
  ts: string;
}

/** `url`: a validation of a page. */
export type SeededKind = "twin" | "test" | "url";

export interface Seeding {
  arga: Arga;
  redis: Redis;
  team: string;
  kind: SeededKind;
  /** One for each run. */
  places: readonly Place[];
}

/** Writes them, and answers them as they are in Redis. */
export async function seedRuns({ arga, redis, team, kind, places }: Seeding): Promise<Run[]> {
  const client = new ArgaClient({ url: arga.url, key: arga.key });
  const store = new RunStore(redis, "arga", (_ref, error) => {
    throw error;
  });
  const runs: Run[] = [];
  const left = places.map((place, n) => ({ place, n }));
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop()) {
      const run = await asWatched(client, newRun({ arga, team, kind, ...next }));
      await store.create(run, { name: run.id });
      await store.noteTold(run);
      runs.push(run);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await client.destroy();
  return runs;
}

interface Asked {
  arga: Arga;
  team: string;
  kind: SeededKind;
  place: Place;
  n: number;
}

function newRun({ arga, team, kind, place, n }: Asked): Run {
  const since = Date.now() - HOUR;
  const { id, spec } = startAt(arga)[kind]();
  return {
    v: 1,
    version: 1,
    id: RunStore.newId(),
    team,
    channel: place.channel,
    hidden: false,
    kind,
    spec,
    requester: { id: `U0BENCH${n % 50}`, name: "bench" },
    requestedAt: since,
    startedAt: since,
    ...(kind === "twin" ? { ttlMinutes: MAX_TTL_MINUTES } : {}),
    reply: { user: `U0BENCH${n % 50}`, channel: place.channel, at: since },
    phase: { name: kind === "twin" ? "ready" : "running", since },
    arga: { id, status: "", links: [] },
    actionRequests: [],
    seenKeys: ["ready"],
    outbox: [],
    card: {
      state: "posted",
      ts: place.ts,
      hash: "",
      shown: kind === "twin" ? "ready" : "running",
      at: since,
    },
  };
}

/** Starts one of each kind at Arga, and says what it's called there and what a record calls it. */
const startAt = ({ control }: Arga): Record<SeededKind, () => { id: string; spec: object }> => ({
  twin: () => {
    const twins = ["stripe"];
    const spec = { twins, ttlMinutes: MAX_TTL_MINUTES };
    const { runId } = control.start({ ...spec, isPublic: true, baseline: "empty" });
    control.ready(runId);
    return { id: runId, spec };
  },
  test: () => ({
    id: control.tests.start({ prompt: PROMPT, startUrl: URL }).id,
    spec: { ...TASK, twins: [] },
  }),
  url: () => ({ id: control.validations.start({ runType: "url_run", ...TASK }).runId, spec: TASK }),
});

/** After a look at Arga, with the card that shows it. */
async function asWatched(client: ArgaClient, run: Run): Promise<Run> {
  if (!run.arga) return run;
  const found = await kindOf(run).observe(client, run.arga, AbortSignal.timeout(60_000));
  const now = Date.now();
  const looked = {
    ...observed(run, interpret(run, found), now, REMIND_BEFORE_MS),
    phase: run.phase,
    outbox: [],
  };
  if (looked.card.state !== "posted") return looked;
  const hash = hashOf(card(looked, { now, maxTtlMinutes: MAX_TTL_MINUTES }));
  return { ...looked, card: { ...looked.card, hash } };
}
