import type { ServerResponse } from "node:http";
import { VERSION } from "../base/version.ts";
import type { HttpServer } from "./http.ts";
import type { Metrics } from "./metrics.ts";

/** A part that must work before deliveries are welcome: returns what is wrong with it, or undefined. */
export type Check = () => Promise<string | undefined> | string | undefined;

/** They're read from all runs in Redis: once for everybody who asks in this time. */
const METRICS_MS = 1_000;

/** `/healthz`, `/readyz` and `/metrics` (docs/operations.md#http-routes). `checks` may be added to while the process starts. */
export function serveHealth(http: HttpServer, checks: Map<string, Check>, metrics: Metrics): void {
  http.on("/healthz", (_request, response) => json(response, 200, { ok: true, version: VERSION }));
  const lookAtParts = shared(() => failures(checks), 0);
  http.on("/readyz", async (_request, response) => {
    const failing = await lookAtParts();
    const isReady = Object.keys(failing).length === 0;
    json(response, isReady ? 200 : 503, isReady ? { ok: true } : { ok: false, failing });
  });
  metrics.watchParts(async () => {
    const failing = await lookAtParts();
    return new Map([...checks.keys()].map((part) => [part, !Object.hasOwn(failing, part)]));
  });
  const readMetrics = shared(() => metrics.registry.metrics(), METRICS_MS);
  http.on("/metrics", async (_request, response) => {
    const text = await readMetrics();
    response.writeHead(200, { "content-type": metrics.registry.contentType }).end(text);
  });
}

/** Works once at a time, for all who ask meanwhile and for so many ms after. */
function shared<T>(work: () => Promise<T>, keptMs: number): () => Promise<T> {
  let latest: Promise<T> | undefined;
  return () => {
    if (latest) return latest;
    const mine = work();
    latest = mine;
    const forget = (): void => {
      latest = undefined;
    };
    mine.then(() => setTimeout(forget, keptMs).unref(), forget);
    return mine;
  };
}

async function failures(checks: Map<string, Check>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [part, check] of checks) {
    const wrong = await Promise.resolve()
      .then(check)
      .catch((error: unknown) => String(error));
    if (wrong !== undefined) found[part] = wrong;
  }
  return found;
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};
