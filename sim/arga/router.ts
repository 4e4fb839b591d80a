import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "./refusal.ts";
import type { Frame } from "./stream.ts";

export interface Call {
  params: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The parsed JSON body; undefined when none was sent. */
  body: unknown;
}

export interface Reply {
  status: number;
  /** A string is sent as plain text, a buffer as it is, anything else as JSON. */
  body: unknown;
  headers?: Record<string, string>;
  /** Server-sent events, sent instead of the body. The signal is aborted when the caller left. */
  stream?: (left: AbortSignal) => AsyncIterable<Frame>;
}

export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** A path in which `{name}` stands for one segment. */
  pattern: string;
  /** True where no API key is asked for. */
  open?: boolean;
  /** True where something new comes to be: then the dialect says what a success is called. */
  creates?: boolean;
  /** True where the key may also come as `?token=`, for links that a browser opens. */
  tokenInQuery?: boolean;
  /** @throws Refusal */
  handle(call: Call): Reply | Promise<Reply>;
}

/** Routes under the heading that they are shown with. */
export interface RouteGroup {
  title: string;
  routes: Route[];
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

/** The same routes under each base path. */
export function aliased(bases: string[], routesAt: (base: string) => Route[]): Route[] {
  return bases.flatMap(routesAt);
}

/** Finds the route of a request; the first one registered wins. */
export class Router {
  readonly #routes: Route[];

  constructor(routes: Route[]) {
    this.#routes = routes;
  }

  /** The routes by name, as they appear in the request log and in fault rules. */
  names(): string[] {
    return this.#routes.map(nameOf);
  }

  /** @throws Refusal 404 for an unknown path, 405 for a known one with another method. */
  find(method: string, path: string): Match {
    const atPath = this.#routes.flatMap((route) => {
      const params = paramsOf(route.pattern, path);
      return params ? [{ route, params }] : [];
    });
    const match = atPath.find(({ route }) => route.method === method);
    if (match) return match;
    if (atPath.length === 0) throw new Refusal(404, "Not Found");
    const allow = atPath.map(({ route }) => route.method).join(", ");
    throw new Refusal(405, "Method Not Allowed").withHeader("allow", allow);
  }
}

/** As `POST /twin-runs/{run_id}/extend`. */
export function nameOf({ method, pattern }: Route): string {
  return `${method} ${pattern}`;
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (!segment.startsWith("{")) {
      if (segment !== value) return undefined;
    } else if (value === "") return undefined;
    else params[segment.slice(1, -1)] = value;
  }
  return params;
}
