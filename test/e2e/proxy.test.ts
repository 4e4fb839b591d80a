import { expect, test } from "vitest";
import { cardShows, threadSays } from "../support/life.ts";
import { startProxy } from "../support/proxy.ts";
import { freshWorld } from "../support/world.ts";

// Each waits for things to happen most of its time, so they do it side by side.
const concurrent = test.concurrent;

const hostOf = (url: string): string => new URL(url).host;

concurrent.for(["http", "socket"] as const)(
  "over %s, everything that goes to Slack and Arga goes through the proxy",
  async (mode, { onTestFinished }) => {
    const proxy = await startProxy();
    onTestFinished(() => proxy.close());
    const world = await freshWorld(onTestFinished, {
      mode,
      env: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: "example.com" },
    });
    await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
    await cardShows(world, "run.credentials");
    await world.slack.command("alice", "dev", "/arga", "catalog");
    await world.slack.until(() => world.slack.ephemerals("alice", "dev").length > 0);
    expect(new Set(proxy.tunnels)).toEqual(new Set([hostOf(world.slack.apiUrl), hostOf(world.arga.url)]));
    proxy.refuse();
    // Without it, nothing gets through by another way.
    const calls = world.arga.requests.length;
    await world.slack.command("alice", "dev", "/arga", "twins slack 60");
    await world.slack.until(
      () => world.bot.output().includes("can't reach Slack") || proxy.tunnels.length > 6,
    );
    expect(world.arga.requests.length).toBe(calls);
  },
);

concurrent("what NO_PROXY spares goes straight", async ({ onTestFinished }) => {
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1,localhost" };
  const world = await freshWorld(onTestFinished, { env });
  await world.slack.command("alice", "dev", "/arga", "twins stripe 60");
  await threadSays(world, "ready");
  expect(proxy.tunnels).toEqual([]);
});
