import { EnvHttpProxyAgent, Pool, fetch as undiciFetch } from "undici";

/** Milliseconds. */
const CONNECT_MS = 5_000;

const NAMES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];

/** Whether the environment names a proxy; which addresses are spared it, NO_PROXY says. */
export const isProxied = (env: NodeJS.ProcessEnv = process.env): boolean => NAMES.some((name) => env[name]);

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
  const dispatcher = outbound();
  // Undici's types of a request and Node's are the same by shape alone.
  const proxied = (input: unknown, init: unknown): unknown =>
    undiciFetch(input as string, { ...(init as object), dispatcher } as never);
  return proxied as typeof fetch;
}
