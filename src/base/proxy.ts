import { EnvHttpProxyAgent, Pool, fetch as undiciFetch } from "undici";

/** Milliseconds. */
const CONNECT_MS = 5_000;

const NAMES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];

/** Whether the environment names a proxy; which addresses are spared it, NO_PROXY says. */
export const isProxied = (env: NodeJS.ProcessEnv = process.env): boolean => NAMES.some((name) => env[name]);

/** What is wrong with the proxy that the environment names; its address may hold a password, so it isn't shown. */
export const proxyProblems = (env: NodeJS.ProcessEnv): string[] =>
  NAMES.filter((name) => env[name] && !isAddress(env[name])).map(
    (name) => `${name} must be the address of a proxy, such as http://HOST:PORT`,
  );

const isAddress = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

/** `host:port` of the proxy that the environment names, or undefined. */
export function proxyHost(env: NodeJS.ProcessEnv): string | undefined {
  const [address] = NAMES.flatMap((name) => env[name] || []);
  return address === undefined ? undefined : new URL(address).host;
}

/**
 * Connections to whatever is outside: straight, or by a tunnel through the proxy that HTTPS_PROXY or HTTP_PROXY names and
 * NO_PROXY doesn't spare. `onUnconnected` is told of errors of requests that certainly never left.
 */
export function outbound(onUnconnected: (error: Error) => void = () => {}): EnvHttpProxyAgent {
  return new EnvHttpProxyAgent({
    // Over HTTP/2, undici sends again by itself what a closing session did not answer, POSTs too.
    allowH2: false,
    connect: { timeout: CONNECT_MS },
    connectTimeout: CONNECT_MS,
    proxyTunnel: true,
    // No limit of connections: behind one, calls would wait unseen and untimed for streams that last for hours.
    factory: (origin, options) => {
      const pool = new Pool(origin, options);
      pool.on("connectionError", (_url, _targets, error) => onUnconnected(error));
      return pool;
    },
  });
}

/** A `fetch` that goes through the proxy, if there is one; otherwise Node's own. */
export const proxiedFetch: typeof fetch = isProxied() ? throughProxy() : fetch;

function throughProxy(): typeof fetch {
  // Made when it's used: of an address that can't be, the settings tell.
  let dispatcher: EnvHttpProxyAgent | undefined;
  // Undici's types of a request and Node's are the same by shape alone.
  const proxied = (input: unknown, init: unknown): unknown => {
    dispatcher ??= outbound();
    return undiciFetch(input as string, { ...(init as object), dispatcher } as never);
  };
  return proxied as typeof fetch;
}
