import { Redis } from "ioredis";
import { RunStore } from "../src/store/runs.ts";
import { startWorld } from "../test/support/world.ts";
import { runIn } from "../test/unit/support/runs.ts";

/** How long a start takes until `/readyz` says yes, with many live runs in Redis. `npm run build` first. See README.md here. */

const app = process.argv[2];
const RUNS = Number(process.argv[3] ?? 10_000);
const TIMES = Number(process.argv[4] ?? 5);

const times: number[] = [];
for (let n = 0; n < TIMES; n++) {
  let begun = 0;
  const world = await startWorld({
    env: { LOG_LEVEL: "info", ROLE: "all" },
    ...(app ? { app } : {}),
    before: async ({ slack, redis: { path } }) => {
      const redis = new Redis(path);
      const store = new RunStore(redis, "arga", (_ref, error) => {
        throw error;
      });
      const now = Date.now();
      const [team, channel] = [slack.teamId, slack.channel("dev").id];
      for (let n = 0; n < RUNS; n++) {
        const deadline = { at: now + 3_600_000, remindAt: now + 3_300_000, reminded: false };
        const requester = { id: `U0BENCH${n % 50}`, name: "bench" };
        const run = {
          ...runIn("ready"),
          team,
          channel,
          id: RunStore.newId(),
          requester,
          deadline,
          requestedAt: now,
        };
        await store.create(run, { name: run.id });
      }
      redis.disconnect();
      begun = Date.now();
    },
  });
  times.push(Date.now() - begun);
  await world.stop();
}
console.log(`${RUNS} live runs, start to ready: ${times.sort((a, b) => a - b).join(", ")} ms`);
