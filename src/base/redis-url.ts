/** One server's address. */
export interface Endpoint {
  host: string;
  port: number;
}

interface Credentials {
  username?: string;
  password?: string;
}

/** What `REDIS_URL` leads to. A single Redis is left to the client, which reads its URL itself. */
export type RedisTarget =
  | { mode: "single"; url: string }
  | {
      mode: "sentinel";
      isTls: boolean;
      access: Credentials;
      sentinels: Endpoint[];
      /** What the sentinels call the primary. */
      name: string;
      db: number;
      /** For the sentinels themselves. */
      sentinel: Credentials;
    }
  /** Some of its servers; it names the others itself. */
  | { mode: "cluster"; isTls: boolean; access: Credentials; nodes: Endpoint[] };

const PORTS = { sentinel: 26_379, cluster: 6379 } as const;
const SCHEMES = ["redis", "rediss"].flatMap((each) => [each, `${each}+sentinel`, `${each}+cluster`]);
const EXAMPLES = {
  sentinel: "redis+sentinel://host1:26379,host2:26379/mymaster",
  cluster: "redis+cluster://host1:6379,host2:6379",
} as const;

/**
 * Reads a `REDIS_URL`: `redis://…` and `rediss://…`; for Sentinel
 * `redis+sentinel://[user:password@]host[:port][,host[:port]…]/name[/db][?sentinel_username=…&sentinel_password=…]`; for
 * Cluster `redis+cluster://[user:password@]host[:port][,host[:port]…]`. With `rediss+…`, all of it goes over TLS. The
 * grammar is the one of Python's clients and tools, where these schemes come from. Returns what is wrong with it, as the
 * end of a sentence that begins with the setting's name, if it can't be read.
 */
export function readRedisUrl(text: string): RedisTarget | string {
  const [, scheme = "", user, hosts = "", path = "", query = ""] =
    /^([a-z+]+):\/\/(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(\?[^#]*)?$/i.exec(text) ?? [];
  const [first, mode] = scheme.toLowerCase().split("+");
  if (!SCHEMES.includes(scheme.toLowerCase()))
    return `must be a URL that starts with ${SCHEMES.map((each) => `${each}://`).join(", ")}`;
  const credentials = decoded(user);
  if (!credentials) return "must have each % of its password written as %25";
  if (mode !== "sentinel" && mode !== "cluster")
    return URL.canParse(text)
      ? { mode: "single", url: text }
      : "must be a URL, such as redis://127.0.0.1:6379";
  const endpoints = hosts.split(",").map((host) => endpointOf(host, PORTS[mode]));
  if (!endpoints.every((each) => each !== undefined))
    return `must list hosts, each with a port or without, split by commas: ${EXAMPLES[mode]}`;
  const rest = { access: credentials, isTls: first === "rediss" };
  if (mode === "cluster")
    return /^\/?0?$/.test(path) && query === ""
      ? { mode, nodes: endpoints, ...rest }
      : `must end after its hosts: a cluster has database 0 alone, and there are no options. ${EXAMPLES.cluster}`;
  const [, name = "", db = "0"] = /^\/([^/]+)(?:\/(\d*))?$/.exec(path) ?? [];
  if (name === "") return `must name the primary that the sentinels watch: ${EXAMPLES.sentinel}`;
  const sentinel = optionsOf(query);
  if (!sentinel) return "takes sentinel_username and sentinel_password after its ?, and nothing else";
  return { mode, sentinels: endpoints, name: decodeURIComponent(name), db: Number(db), sentinel, ...rest };
}

/** Where the target is, in words and without anything secret. */
export function placeOf(target: RedisTarget): string {
  if (target.mode === "single") {
    const { hostname, port } = new URL(target.url);
    return `Redis at ${hostname || "localhost"}:${port || 6379}`;
  }
  const list = (endpoints: Endpoint[]): string =>
    endpoints.map(({ host, port }) => `${host}:${port}`).join(", ");
  if (target.mode === "cluster") return `The Redis Cluster at ${list(target.nodes)}`;
  return `Redis "${target.name}" of the sentinels at ${list(target.sentinels)}`;
}

/** Every password in a URL that can be read, in each way that it may be written. */
export function passwordsIn(text: string): string[] {
  const [, user] = /^[^:]*:\/\/([^/?#]*)@/.exec(text) ?? [];
  const options = new URLSearchParams(/\?.*/.exec(text)?.[0]);
  const given = [decoded(user)?.password, options.get("sentinel_password")].filter((each) => each != null);
  return given
    .flatMap((each) => [each, encodeURIComponent(each), encodeURI(each)])
    .concat(user?.split(":").slice(1).join(":") ?? []);
}

function decoded(user: string | undefined): Credentials | undefined {
  if (user === undefined) return {};
  const [username = "", ...password] = user.split(":");
  try {
    return named(decodeURIComponent(username), decodeURIComponent(password.join(":")));
  } catch {
    return undefined;
  }
}

const named = (username: string, password: string): Credentials => ({
  ...(username ? { username } : {}),
  ...(password ? { password } : {}),
});

/** Undefined if there are others than the two. */
function optionsOf(query: string): Credentials | undefined {
  const options = new URLSearchParams(query);
  const names = ["sentinel_username", "sentinel_password"];
  if ([...options.keys()].some((name) => !names.includes(name))) return undefined;
  return named(options.get("sentinel_username") ?? "", options.get("sentinel_password") ?? "");
}

function endpointOf(text: string, port: number): Endpoint | undefined {
  const address = `http://${text}`;
  if (text === "" || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // What isn't the host and the port is no part of an address.
  if (url.pathname !== "/" || url.username !== "") return undefined;
  const given = /:(\d+)$/.exec(text)?.[1];
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: given === undefined ? port : Number(given) };
}
