import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A port for a Redis that has none. Stands between the bot and its Redis, counts what the bot sends, and can stop it right before the n-th send. */
export interface RedisProxy {
  url: string;
  /** From now on counts from 0. Calls `onReached` instead of passing on the n-th send, and cuts every connection. */
  stopAt(n: number, onReached: () => void): void;
  /** From now on counts from 0, and passes nothing on after so many sends: their connections stand and stay silent. */
  holdAfter(n: number): void;
  /** New connections go to this one from now on, as when a name leads to another master. */
  leadTo(path: string): void;
  /** From now on this is read in place of that, in whatever Redis says. */
  pretend(that: RegExp, text: string): void;
  /** How much was sent since the last {@link stopAt}. */
  sent(): number;
  close(): Promise<void>;
}

export async function startRedisProxy(path: string): Promise<RedisProxy> {
  let count = 0;
  let limit = Number.POSITIVE_INFINITY;
  let held = Number.POSITIVE_INFINITY;
  let reached = (): void => {};
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  let target = path;
  let pretence: [RegExp, string] | undefined;
  const server = createServer((client) => {
    const redis = connect(target);
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        redis.destroy();
      });
    }
    redis.on("data", (chunk) => {
      if (!pretence) return void client.write(chunk);
      const [that, text] = pretence;
      // As long as before: the length of a value is said in front of it.
      const same = (found: string): string => text.padEnd(found.length, "0").slice(0, found.length);
      client.write(Buffer.from(chunk.toString("latin1").replace(that, same), "latin1"));
    });
    client.on("data", (chunk) => {
      if (count >= held) return;
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
    holdAfter: (n) => {
      count = 0;
      held = n;
    },
    leadTo: (other) => {
      target = other;
    },
    pretend: (that, text) => {
      pretence = [that, text];
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
