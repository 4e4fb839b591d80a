import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Control, controlOf } from "./control.ts";
import { exchange } from "./exchange.ts";
import { type FaultRule, Faults } from "./faults.ts";
import { type ArgaOptions, settle } from "./options.ts";
import { type ArgaRequest, describeRequests } from "./request-log.ts";
import { Router } from "./router.ts";
import { accountRoutes } from "./routes/account.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { legacyTwinRoutes } from "./routes/legacy-twins.ts";
import { type SimParts, simRoutes } from "./routes/sim.ts";
import { twinRunRoutes } from "./routes/twin-runs.ts";
import type { TwinRun } from "./state/twin-runs.ts";
import { createWorld } from "./state/world.ts";
import { Watch } from "./watch.ts";

export type { Control } from "./control.ts";
export type { FaultRule } from "./faults.ts";
export type { ArgaOptions, Dialect, Plan } from "./options.ts";
export type { ArgaRequest } from "./request-log.ts";
export type { TwinRun, TwinStatus } from "./state/twin-runs.ts";

/** A running stand-in of the Arga API. */
export interface Arga {
  /** Without a trailing slash. */
  url: string;
  key: string;
  /** Every route by name, as fault rules take it. */
  routes: string[];
  requests: ArgaRequest[];
  runs: Map<string, TwinRun>;
  /** Returns what removes the rule. @throws RangeError when the rule contradicts itself. */
  fault(rule: FaultRule): () => void;
  clearFaults(): void;
  control: Control;
  /**
   * The first truthy answer of the probe. Asks again on each request and change of state.
   * @throws Error after `timeoutMs` (default 5000) that lists the runs and the last requests.
   */
  until<T>(probe: (arga: Arga) => T | undefined | false | null, timeoutMs?: number): Promise<T>;
  /** Cuts all connections and stops all timers. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in on 127.0.0.1.
 * @throws RangeError for options that cannot be kept; Error when the port is taken.
 */
export async function startArga(options: ArgaOptions = {}): Promise<Arga> {
  const settings = settle(options);
  const watch = new Watch();
  const world = createWorld(settings, watch.changed);
  const parts: SimParts = { world, control: controlOf(world), faults: new Faults(), requests: [] };
  const router = routerOf(parts);
  const { server, stop } = serverOf(parts, router, watch);
  await listening(server, settings.port);

  const { requests, faults, control } = parts;
  const { port } = server.address() as AddressInfo;
  const arga: Arga = {
    url: `http://127.0.0.1:${port}`,
    key: settings.key,
    routes: router.names(),
    requests,
    runs: world.twinRuns.all,
    control,
    fault: (rule) => faults.add(rule),
    clearFaults: () => void faults.clear(),
    until: (probe, timeoutMs = 5000) =>
      watch.until(
        () => probe(arga),
        timeoutMs,
        () => describe(arga),
      ),
    close: stop,
  };
  return arga;
}

/** A new resource is a file in `routes/` and a line here. */
function routerOf(parts: SimParts): Router {
  const { world } = parts;
  return new Router([
    ...accountRoutes(world),
    ...catalogRoutes(world),
    ...twinRunRoutes(world),
    ...legacyTwinRoutes(world),
    ...simRoutes(parts),
  ]);
}

function serverOf(parts: SimParts, router: Router, watch: Watch): { server: Server; stop(): Promise<void> } {
  const { world, faults, requests } = parts;
  const closing = new AbortController();
  const context = {
    key: world.settings.key,
    router,
    faults,
    requests,
    changed: watch.changed,
    closing: closing.signal,
  };
  const server = createServer((request, response) => {
    // What ends up here is a caller that left, or the server closing under a waiting request.
    exchange(context, request, response).catch(() => response.destroy());
  });
  const stop = async (): Promise<void> => {
    closing.abort();
    world.clock.close();
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.once("close", resolve));
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { server, stop };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function describe(arga: Arga): string {
  const runs = [...arga.runs.values()].map((run) => `  ${run.runId} ${run.twins.join(",")} ${run.status}`);
  return `runs:\n${runs.join("\n") || "  none"}\n${describeRequests(arga.requests)}`;
}
