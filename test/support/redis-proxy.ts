import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** A port for a Redis that has none. Stands between the bot and its Redis. */
export interface RedisProxy extends Omit<TcpProxy, "leadTo"> {
  url: string;
  /** New connections go to the Redis at this path from now on, as when a name leads to another master. */
  leadTo(path: string): void;
}

export async function startRedisProxy(path: string): Promise<RedisProxy> {
  const proxy = await startTcpProxy({ path });
  return {
    ...proxy,
    url: `redis://127.0.0.1:${proxy.port}`,
    leadTo: (other) => proxy.leadTo({ path: other }),
  };
}
