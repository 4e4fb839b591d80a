import { connect as connectPlain, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { AbstractConnector, Redis, type RedisOptions } from "ioredis";
import { messageOf } from "../base/errors.ts";
import type { Endpoint } from "../base/redis-url.ts";

/** Milliseconds. */
const TIMES = {
  /** For one server's answer to who the primary is. */
  answer: 1_000,
  /** Between two looks whether it still is. */
  look: 2_000,
  /** For a connection's end, before it's broken off. */
  end: 300,
} as const;

/** Servers of which each knows where the bot's keys are: sentinels, or those of a cluster. */
export interface Directory {
  servers: Endpoint[];
  /** How to get into each of them. */
  access: Pick<RedisOptions, "username" | "password" | "tls">;
  /** Asks one of them, which may name others to ask from then on. Throws if it doesn't know. */
  ask: (connection: Redis, server: Endpoint) => Promise<{ primary: Endpoint; others?: Endpoint[] }>;
}

/**
 * Leads a connection to whichever server is the primary of the bot's keys, and breaks it when another one is: the next
 * attempt leads there. All else is as with a single Redis.
 *
 * In place of what the client has of its own (ioredis 6.0), because with BullMQ each was seen to stand still for ever
 * once a primary was lost under load: with Sentinel, word of the new one that comes while a connection is being made ends
 * it for good; with Cluster, connections that are reset wait for others that nobody ends.
 */
export class PrimaryConnector extends AbstractConnector {
  readonly #directory: Directory;
  readonly #isTls: boolean;
  #servers: Endpoint[];

  constructor(directory: Directory, isTls: boolean) {
    super(TIMES.end);
    this.#directory = directory;
    this.#isTls = isTls;
    this.#servers = directory.servers;
  }

  /** What is named as the primary may be a replica by now: it's then asked for anew. */
  override check(info: { role?: string } | null): boolean {
    return info?.role === undefined || info.role === "master";
  }

  /** Never rejects: the client would take that for the end. */
  async connect(): Promise<Socket> {
    this.connecting = true;
    try {
      const primary = await this.#primary();
      if (!this.connecting) throw new Error("Connection is closed.");
      this.stream = this.#isTls ? connectTls(primary) : connectPlain(primary);
      this.stream.once("error", (error) => {
        this.firstError = error;
      });
      this.#watch(primary, this.stream);
    } catch (error) {
      this.firstError = error as Error;
      this.stream = new Socket().destroy();
    }
    return this.stream;
  }

  /** A server that stands still doesn't say so, nor one that was cut off. */
  #watch(primary: Endpoint, stream: Socket): void {
    const look = setInterval(async () => {
      const now = await this.#primary(primary).catch(() => primary);
      if (!isSame(now, primary)) stream.destroy();
    }, TIMES.look).unref();
    stream.once("close", () => clearInterval(look));
  }

  /** As the first of the servers says that answers; the `current` one is asked last. */
  async #primary(current?: Endpoint): Promise<Endpoint> {
    const order = this.#servers
      .map((server) => ({ server, at: current && isSame(server, current) ? 1 : Math.random() }))
      .sort((a, b) => a.at - b.at);
    let why: unknown;
    for (const { server } of order) {
      try {
        return await this.#ask(server);
      } catch (error) {
        why = error;
      }
    }
    throw why;
  }

  async #ask(server: Endpoint): Promise<Endpoint> {
    const { access, ask, servers } = this.#directory;
    const connection = new Redis({
      ...server,
      ...access,
      retryStrategy: null,
      enableReadyCheck: false,
      connectTimeout: TIMES.answer,
      commandTimeout: TIMES.answer,
    });
    let lost: Error | undefined;
    connection.on("error", (error) => {
      lost = error;
    });
    try {
      const { primary, others = [] } = await ask(connection, server);
      this.#servers = unique([...servers, ...others]);
      return primary;
    } catch (error) {
      throw lost ?? new Error(messageOf(error), { cause: error });
    } finally {
      connection.disconnect();
    }
  }
}

/** What sentinels say of the primary with this name. */
export const askSentinel =
  (name: string): Directory["ask"] =>
  async (connection) => {
    const [said, sentinels] = await Promise.all([
      connection.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name) as Promise<[string, string] | null>,
      connection.call("SENTINEL", "SENTINELS", name).catch(() => []) as Promise<string[][]>,
    ]);
    if (!said) throw new Error("no sentinel knows a primary of this name");
    const fieldOf = (fields: string[], field: string): string => fields[fields.indexOf(field) + 1] ?? "";
    const others = sentinels.map((fields) => ({
      host: fieldOf(fields, "ip"),
      port: Number(fieldOf(fields, "port")),
    }));
    return { primary: { host: said[0], port: Number(said[1]) }, others };
  };

type Address = [host: string | null, port: number, ...rest: unknown[]];
type SlotRange = [from: number, to: number, primary: Address, ...replicas: Address[]];

/** What a cluster's servers say of the slot that this is the hash tag of. */
export const askCluster =
  (hashTag: string): Directory["ask"] =>
  async (connection, server) => {
    const [slot, said] = await Promise.all([
      connection.cluster("KEYSLOT", hashTag),
      connection.cluster("SLOTS"),
    ]);
    const ranges = said as unknown as SlotRange[];
    // A server that doesn't know its own name leaves it out: it's the one that we asked.
    const named = ([host, port]: Address): Endpoint => ({
      host: host && host !== "?" ? host : server.host,
      port,
    });
    const range = ranges.find(([from, to]) => from <= slot && slot <= to);
    if (!range) throw new Error("CLUSTERDOWN Hash slot not served");
    return { primary: named(range[2]), others: ranges.flatMap(([, , ...all]) => all.map(named)) };
  };

const isSame = (a: Endpoint, b: Endpoint): boolean => a.host === b.host && a.port === b.port;

const unique = (servers: Endpoint[]): Endpoint[] =>
  servers.filter((each, n) => servers.findIndex((other) => isSame(each, other)) === n);
