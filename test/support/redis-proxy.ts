import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A port for a Redis that has none. Stands between the bot and its Redis, counts what the bot sends, and can stop it right before the n-th send. */
export interface RedisProxy {
  url: string;
  /** From now on counts from 0. Calls `onReached` instead of passing on the n-th send, and cuts every connection. */
  stopAt(n: number, onReached: () => void): void;
  /** How much was sent since the last {@link stopAt}. */
  sent(): number;
  close(): Promise<void>;
}

export async function startRedisProxy(path: string): Promise<RedisProxy> {
  let count = 0;
  let limit = Number.POSITIVE_INFINITY;
  let reached = (): void => {};
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = createServer((client) => {
    const redis = connect(path);
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        redis.destroy();
      });
    }
    redis.pipe(client);
    client.on("data", (chunk) => {
      if (count++ !== limit) return void redis.write(chunk);
      cut();
      reached();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}`,
    stopAt: (n, onReached) => {
      count = 0;
      limit = n;
      reached = onReached;
    },
    sent: () => count,
    close: () => closed(server, cut),
  };
}

async function closed(server: Server, cut: () => void): Promise<void> {
  const gone = new Promise((resolve) => server.close(resolve));
  cut();
  await gone;
}
