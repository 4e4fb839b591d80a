import { expect, test } from "vitest";
import { cardShows } from "../support/life.ts";
import { freshWorld, type World } from "../support/world.ts";

/** The lines of one metric, by their labels. */
async function gauge(world: World, name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${world.bot.url}/metrics`)).text();
  const lines = [...text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, "gm"))];
  return Object.fromEntries(
    lines.map(([, labels = "", value]) => [
      [...labels.matchAll(/"([^"]*)"/g)].map(([, v]) => v).join(" "),
      Number(value),
    ]),
  );
}

const connections = (world: World): Promise<Record<string, number>> =>
  gauge(world, "arga_slack_connection_up");

test("each connection has a gauge that falls when it breaks and rises when it is mended", async (tests) => {
  const world = await freshWorld(tests.onTestFinished, { mode: "socket" });
  const all = { redis: 1, queues: 1, slack_socket: 1, slack_web: 1, arga: 1 };
  await expect.poll(() => connections(world)).toEqual(all);

  world.arga.fault({ status: 503 });
  await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
  await expect.poll(() => connections(world)).toEqual({ ...all, arga: 0 });
  world.arga.clearFaults();
  // The first one may have been created, so it isn't sent again.
  await world.slack.command("alice", "dev", "/arga", "twins slack 60");
  await cardShows(world, "run.credentials");
  expect(await connections(world)).toEqual(all);
  // A twin that is ready is looked at again later.
  await expect.poll(() => gauge(world, "arga_slack_queue_jobs")).toMatchObject({ "arga delayed": 1 });

  world.slack.fault({ method: "auth.test", status: 500 });
  await expect.poll(() => connections(world)).toEqual({ ...all, slack_web: 0 });
  world.slack.clearFaults();
  await expect.poll(() => connections(world)).toEqual(all);

  await world.redis.kill();
  await expect.poll(() => connections(world)).toMatchObject({ redis: 0, queues: 0, slack_socket: 1 });
  expect(await gauge(world, "arga_slack_queue_jobs")).toEqual({});
  await world.redis.start();
  await expect.poll(() => connections(world)).toEqual(all);
});
