import { test } from "vitest";
import { appCommand } from "../support/bot.ts";
import { broken, LOAD_CHANNELS, Load } from "../support/load.ts";
import { startCluster, startSentinels } from "../support/redis-servers.ts";
import { freshWorld } from "../support/world.ts";

const channels = LOAD_CHANNELS.map((name) => ({ name, members: ["alice"] }));

// Each waits for things to happen most of its time, so they do it side by side.
test.concurrent.for([
  {
    name: "with Sentinel",
    prefix: "arga",
    start: () => startSentinels(),
    wrong: (url: string) => url.replace("/main?", "/another?"),
    says: /^BAD +redis .*don't know the primary/m,
  },
  {
    name: "in a cluster",
    prefix: "{arga}",
    start: () => startCluster("{arga}"),
    wrong: (url: string) => url.replace(/redis\+cluster:\/\/([^,]+).*/, "redis://$1"),
    says: /^BAD +redis .*leads to a Redis Cluster/m,
  },
])(
  "a primary that is lost under load loses nothing and doubles nothing: $name",
  async ({ prefix, start, wrong, says }, { annotate, expect, onTestFinished }) => {
    const group = await start();
    onTestFinished(() => group.stop());
    const world = await freshWorld(onTestFinished, {
      env: { REDIS_URL: group.url },
      slack: { channels, rateLimits: false },
    });
    const load = new Load(world);
    await load.type(6, 150);
    const lost = await group.primary();
    await lost.kill();
    const resumedAfter = await load.untilResumed(300);
    await load.type(3, 150);
    const fates = await load.fates();
    await annotate(`back at work after ${resumedAfter} ms`);
    expect(broken(fates)).toEqual([]);
    expect(fates.filter(({ isAccepted }) => isAccepted).length).toBeGreaterThan(6);
    const now = await group.primary();
    expect(now.port).not.toBe(lost.port);
    await expect.poll(() => now.redis.zcard(`${prefix}:live`)).toBe(0);
    // Each queue has its connections again.
    await world.bot.ready();
    const doctor = await appCommand("doctor", world.env);
    expect(doctor.output).toMatch(/^ok +redis +(?:Redis|Valkey) \S+ does all/m);
    expect(doctor.output).not.toMatch(/^BAD +redis/m);
    const misled = await appCommand("doctor", { ...world.env, REDIS_URL: wrong(group.url) });
    expect(misled.output).toMatch(says);
    // Each run that was kept is in an export, wherever it lies.
    const kept = new Set(fates.filter(({ cards }) => cards > 0).map(({ name }) => name));
    const { output } = await appCommand("export", world.env);
    expect(output.split("\n").filter((line) => line.startsWith('{"type":"run"'))).toHaveLength(kept.size);
  },
);
