import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Endpoint } from "../../../src/base/redis-url.ts";
import {
  askCluster,
  askSentinel,
  type Directory,
  PrimaryConnector,
} from "../../../src/store/primary-connector.ts";
import { closedPort } from "../../support/ports.ts";
import { startServer } from "../../support/redis-servers.ts";
import { eventually } from "../../support/waiting.ts";

/** Where a connection leads, and when it is broken off. Every server is real; what they say of each other, a test's. */

const HOST = "127.0.0.1";
const at = (port: number): Endpoint => ({ host: HOST, port });

async function server(...lines: string[]) {
  const started = await startServer(lines);
  onTestFinished(() => started.stop());
  return started;
}

/** A client that is led by this directory, as the bot's are. */
function led(servers: Endpoint[], ask: Directory["ask"]): Redis {
  class Connector extends PrimaryConnector {
    constructor() {
      super({ servers, access: {}, ask }, false);
    }
  }
  const redis = new Redis({ Connector, retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on("error", () => {});
  onTestFinished(() => redis.disconnect());
  return redis;
}

const portOf = async (redis: Redis): Promise<number> =>
  Number(/tcp_port:(\d+)/.exec(await redis.info("server"))?.[1]);

test("a client is led to the primary, by the first server that knows it", async () => {
  const [primary, other] = [await server(), await server()];
  const asked: number[] = [];
  const redis = led([at(await closedPort()), at(other.port)], async (connection, { port }) => {
    expect(await connection.ping()).toBe("PONG");
    asked.push(port);
    return { primary: at(primary.port) };
  });
  expect(await portOf(redis)).toBe(primary.port);
  expect(new Set(asked)).toEqual(new Set([other.port]));
});

test("another primary breaks the connection, and the next one leads there", async () => {
  const [first, second] = [await server(), await server()];
  let primary = first.port;
  const redis = led([at(first.port)], async () => ({ primary: at(primary), others: [at(second.port)] }));
  expect(await portOf(redis)).toBe(first.port);
  primary = second.port;
  await eventually(async () => (await portOf(redis)) === second.port);
  // Also those that were named later are asked.
  await first.kill();
  redis.disconnect(true);
  await eventually(async () => (await portOf(redis)) === second.port);
});

test("while nobody knows it, the client tries again, and is told why", async () => {
  const only = await server();
  let isKnown = false;
  const said: string[] = [];
  const redis = led([at(only.port)], async () => {
    if (!isKnown) throw new Error("no sentinel knows a primary of this name");
    return { primary: at(only.port) };
  });
  redis.on("error", ({ message }: Error) => said.push(message));
  await eventually(async () => said.length > 1);
  isKnown = true;
  expect(await portOf(redis)).toBe(only.port);
  expect(new Set(said)).toEqual(new Set(["no sentinel knows a primary of this name"]));
});

test.each([
  [{ role: "master" }, true],
  [{ role: "slave" }, false],
  [{}, true],
  [null, true],
])("a server that says %j of itself is taken: %s", (info, isTaken) => {
  const connector = new PrimaryConnector({ servers: [], access: {}, ask: askSentinel("main") }, false);
  expect(connector.check(info)).toBe(isTaken);
});

describe("what servers say", () => {
  const asking = async (ask: Directory["ask"], { port }: { port: number }) => {
    const connection = new Redis(port, HOST);
    onTestFinished(() => connection.disconnect());
    return await ask(connection, at(port));
  };

  test("a sentinel, of the primary that it watches", async () => {
    const primary = await server();
    const sentinel = await startServer([`sentinel monitor main ${HOST} ${primary.port} 1`], ["--sentinel"]);
    onTestFinished(() => sentinel.stop());
    expect(await asking(askSentinel("main"), sentinel)).toEqual({ primary: at(primary.port), others: [] });
    await expect(asking(askSentinel("other"), sentinel)).rejects.toThrow(
      "no sentinel knows a primary of this name",
    );
  });

  test("a cluster, of who has the slot of the bot's keys", async () => {
    const node = await server("cluster-enabled yes");
    await expect(asking(askCluster("arga"), node)).rejects.toThrow("CLUSTERDOWN");
    await node.redis.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_383).catch(() =>
      // As of Redis 7.
      node.redis.call("CLUSTER", "ADDSLOTS", ...Array.from({ length: 16_384 }, (_, slot) => slot)),
    );
    // It doesn't know its own name: it's the one that was asked.
    expect(await asking(askCluster("arga"), node)).toEqual({
      primary: at(node.port),
      others: [at(node.port)],
    });
  });
});
