import { setTimeout as sleep } from "node:timers/promises";

export type Language = "python" | "typescript";

interface Answer {
  status: number;
  body: unknown;
}

/** What an official SDK puts on the wire and makes of the answer, as far as its source is known. */
export interface Sdk {
  get(path: string, query?: Record<string, string>): Promise<Answer>;
  send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: object): Promise<Answer>;
  /** The text of an event stream, to its end. */
  stream(path: string): Promise<string>;
  /** Polls as both SDKs do until a status that they take for the last one. */
  wait(path: string): Promise<unknown>;
}

const HEADERS = { "content-type": "application/json" };
const TERMINAL = {
  python: ["completed", "failed", "cancelled"],
  typescript: ["completed", "failed", "cancelled", "canceled", "error", "timed_out"],
};
// The docs' word for test runs, which the SDKs' source does not know yet.
const TEST_RUN_SUCCESS = "complete";

/** Seconds between two looks, in the simulated time of `speed`. */
const POLL_SECONDS = 2.5;

export function sdkOf(language: Language, to: { url: string; key: string }, speed = 1): Sdk {
  const base = to.url.replace(/\/+$/, "");
  const headers = { authorization: `Bearer ${to.key}`, accept: "application/json" };
  const spoken = language === "typescript" ? roundTrip : (value: unknown) => value;

  async function ask(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...headers, ...(body && HEADERS) },
      ...(body && { body: JSON.stringify(spoken(body)) }),
    });
    return { status: response.status, body: spoken(await response.json()) };
  }

  async function wait(path: string): Promise<unknown> {
    for (;;) {
      const { body } = await ask("GET", path);
      const status = field(body, "status");
      if ([...TERMINAL[language], TEST_RUN_SUCCESS].includes(String(status))) return body;
      await sleep((POLL_SECONDS * 1000) / speed);
    }
  }

  return {
    get: (path, query) => ask("GET", query ? `${path}?${new URLSearchParams(query)}` : path),
    send: ask,
    stream: async (path) => {
      const accept = language === "typescript" ? { accept: "text/event-stream" } : {};
      const response = await fetch(`${base}${path}`, { headers: { ...headers, ...accept } });
      return response.text();
    },
    wait,
  };
}

export function field(value: unknown, name: string): unknown {
  return Reflect.get(Object(value), name);
}

/** The TypeScript SDK renames all keys on their way out and in, nested ones too; here they are turned back. */
function roundTrip(value: unknown): unknown {
  const camel = renamed(value, (key) => key.replaceAll(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()));
  return renamed(camel, (key) =>
    /^[a-z]/.test(key) ? key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key,
  );
}

function renamed(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [name(key), renamed(inner, name)]));
}
