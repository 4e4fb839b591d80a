import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ScriptedRun {
  id: string;
  /** `performance.now()` of the change to its last status. */
  endedAt: number;
  /** When its watcher first knew. */
  seenAt: number | undefined;
  requests: number;
  died: boolean;
}

interface Script {
  durationMs: number;
  /** Whether the second look at it is answered 429. */
  refuseSecond: boolean;
}

interface Live extends ScriptedRun {
  script: Script;
  status: string;
  streams: Set<ServerResponse>;
}

/** A local server with validation runs that end on time: `GET /runs/{id}` and `GET /validate/{id}/results`. */
export async function scriptedArga() {
  const runs = new Map<string, Live>();
  const server = createServer((request, response) => {
    const [, kind, id = ""] = (request.url ?? "").split("/");
    const run = runs.get(id);
    if (!run) return void json(response, 404, { detail: "Run not found" });
    run.requests++;
    if (run.script.refuseSecond && run.requests === 2)
      return void json(response, 429, { detail: "Slow down" });
    if (kind === "runs") return void json(response, 200, { id, status: run.status });
    openStream(run, response);
  });
  // Thousands of short requests and long streams: no keep-alive surprises in the middle of a look.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    start(script: Script): ScriptedRun {
      const run = newRun(`run-${runs.size}`, script);
      runs.set(run.id, run);
      setTimeout(() => end(run), script.durationMs);
      return run;
    },
    /** The first time counts. */
    seen(id: string): void {
      const run = runs.get(id);
      if (run) run.seenAt ??= performance.now();
    },
    close(): Promise<void> {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const newRun = (id: string, script: Script): Live => ({
  ...{ id, script, status: "running", streams: new Set() },
  ...{ endedAt: Number.NaN, seenAt: undefined, requests: 0, died: false },
});

function openStream(run: Live, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  tell(response, run.status);
  if (run.status !== "running") return void response.end();
  run.streams.add(response);
  response.once("close", () => run.streams.delete(response));
}

function end(run: Live): void {
  run.status = "completed";
  run.endedAt = performance.now();
  for (const response of run.streams) {
    tell(response, run.status);
    response.end();
  }
}

const tell = (response: ServerResponse, status: string): boolean =>
  response.write(`event: status\ndata: ${JSON.stringify({ status })}\n\n`);

const json = (response: ServerResponse, status: number, body: unknown): ServerResponse =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
