import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { appCommand } from "../support/bot.ts";
import {
  cardShows,
  cardsOf,
  isTaken,
  keysOf,
  payloadOf,
  textOf,
  theCard,
  threadOf,
} from "../support/life.ts";
import { startRedis } from "../support/redis.ts";
import { startRedisProxy } from "../support/redis-proxy.ts";
import { freshWorld, type World } from "../support/world.ts";

async function otherRedis() {
  const redis = await startRedis();
  const proxy = await startRedisProxy(redis.path);
  onTestFinished(async () => {
    await proxy.close();
    await redis.stop();
  });
  return { redis, url: proxy.url };
}

const noticesIn = (world: World, channel: string) =>
  world.slack
    .messages(channel)
    .filter(
      (message) => payloadOf(message)?.role === "notice" && payloadOf(message)?.run_id !== "subscription",
    );

test("runs that live go on in another Redis: nothing is lost, created or told twice", async () => {
  const world = await freshWorld(onTestFinished, { arga: { runSeconds: 400 } });
  const { slack, arga } = world;
  await slack.command("carol", "ops", "/arga", "notify on completed failed");
  await slack.command("alice", "dev", "/arga", "twins stripe 60");
  await cardShows(world, "run.extend");
  await slack.command("carol", "ops", "/arga", "validate https://shop.example.com check-out");
  await slack.until(() => cardsOf(world, "ops").find((card) => textOf(card).includes("run.cancel")));
  await slack.openHome("alice");
  await slack.until(() => slack.home("alice"));
  const threadBefore = keysOf(world);
  const creates = (): number =>
    arga.requests.filter(({ method, route }) => method === "POST" && !route.includes("{")).length;
  const created = creates();
  await world.bot.stop();

  const dump = await appCommand("export", world.env);
  expect(dump.code).toBe(0);
  for (const secret of [slack.botToken, slack.signingSecret, arga.key, "response_url"])
    expect(dump.output).not.toContain(secret);
  expect(dump.output).not.toMatch(/"url\\?":\\?"[^"]*(?:commands|actions)\//);
  const { redis, url } = await otherRedis();
  const env = { ...world.env, REDIS_URL: url };
  const taken = await appCommand("import", env, dump.output);
  expect(taken).toMatchObject({ code: 0, errors: expect.stringContaining("Imported 2 runs") });
  // Again, as after an import that was cut off: nothing more comes of it.
  expect((await appCommand("import", env, dump.output)).errors).toContain("Imported 0 runs");

  await world.restart({ REDIS_URL: url });
  expect(isTaken(await slack.press("alice", theCard(world), "run.teardown"))).toBe(true);
  await cardShows(world, "run.rerun");
  await slack.until(() => noticesIn(world, "ops").length > 0 && threadOf(world).length > threadBefore.length);
  expect(keysOf(world).slice(0, threadBefore.length)).toEqual(threadBefore);
  expect(new Set(keysOf(world)).size).toBe(keysOf(world).length);
  expect(creates()).toBe(created);
  const id = String(cardsOf(world, "ops").map((card) => payloadOf(card)?.run_id));
  expect(isTaken(await slack.command("carol", "ops", "/arga", `cancel ${id}`))).toBe(true);
  const other = new Redis(redis.path);
  onTestFinished(() => other.disconnect());
  await expect.poll(() => other.zcard("arga:live"), { timeout: 20_000 }).toBe(0);
  expect(noticesIn(world, "ops").map((each) => payloadOf(each)?.run_id)).toHaveLength(
    new Set(noticesIn(world, "ops").map((each) => payloadOf(each)?.run_id)).size,
  );

  // What went on since is newer: the old export doesn't take it away.
  const late = await appCommand("import", env, dump.output);
  expect(late.code).toBe(1);
  expect(late.errors).toMatch(/newer than the export.*Nothing was imported/);
  // Nor does it bring anything new into the one that it came from.
  expect((await appCommand("import", world.env, dump.output)).errors).toContain("Imported 0 runs");
});

test("half an export, or something else, is refused and writes nothing", async () => {
  const world = await freshWorld(onTestFinished);
  await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
  await cardShows(world, "run.extend");
  const { output } = await appCommand("export", world.env);
  const { redis, url } = await otherRedis();
  const env = { ...world.env, REDIS_URL: url };
  const lines = output.trimEnd().split("\n");
  for (const half of [
    "",
    "{}",
    lines.slice(0, -1).join("\n"),
    output.slice(0, -30),
    output.replace('"run"', '"ran"'),
  ]) {
    const { code, errors } = await appCommand("import", env, half);
    expect(code, half.slice(0, 40)).toBe(1);
    expect(errors).toMatch(/export/);
  }
  expect(await redis.dump()).toBe("");
  const away = await appCommand("import", { ...env, REDIS_URL: "redis://127.0.0.1:1" }, output);
  expect(away).toMatchObject({ code: 1, errors: expect.stringContaining("isn't answering") });
});
