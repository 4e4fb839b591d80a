import type { ServerResponse } from "node:http";
import type { HttpServer } from "./http.ts";
import type { Metrics } from "./metrics.ts";

/** A part that must work before deliveries are welcome: returns what is wrong with it, or undefined. */
export type Check = () => Promise<string | undefined> | string | undefined;

/** `/healthz`, `/readyz` and `/metrics` (docs/operations.md#http-routes). `checks` may be added to while the process starts. */
export function serveHealth(http: HttpServer, checks: Map<string, Check>, metrics: Metrics): void {
  http.on("/healthz", (_request, response) => json(response, 200, { ok: true }));
  http.on("/readyz", async (_request, response) => {
    const failing = await failures(checks);
    const isReady = Object.keys(failing).length === 0;
    json(response, isReady ? 200 : 503, isReady ? { ok: true } : { ok: false, failing });
  });
  http.on("/metrics", async (_request, response) => {
    const text = await metrics.registry.metrics();
    response.writeHead(200, { "content-type": metrics.registry.contentType }).end(text);
  });
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
