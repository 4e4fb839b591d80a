import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Control, controlOf } from "./control.ts";
import { exchange } from "./exchange.ts";
import { type FaultRule, Faults } from "./faults.ts";
import { type ArgaOptions, settle } from "./options.ts";
import { type ArgaRequest, describeRequests } from "./request-log.ts";
import { nameOf, type RouteGroup, Router } from "./router.ts";
import { accountRoutes } from "./routes/account.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { githubRoutes } from "./routes/github.ts";
import { legacyTwinRoutes } from "./routes/legacy-twins.ts";
import { sandboxRoutes } from "./routes/sandboxes.ts";
import { savedTestRoutes } from "./routes/saved-tests.ts";
import { scenarioRoutes } from "./routes/scenarios.ts";
import { type SimParts, simRoutes } from "./routes/sim.ts";
import { testRunRoutes } from "./routes/test-runs.ts";
import { twinRunRoutes } from "./routes/twin-runs.ts";
import { validationRoutes } from "./routes/validations.ts";
import type { Environment } from "./state/environments.ts";
import { addExamples } from "./state/examples.ts";
import type { Sandbox } from "./state/sandboxes.ts";
import type { SavedTest } from "./state/saved-tests.ts";
import type { Scenario } from "./state/scenarios.ts";
import type { TestRun } from "./state/test-runs.ts";
import type { TwinRun } from "./state/twin-runs.ts";
import type { Validation } from "./state/validations.ts";
import { createWorld, type World } from "./state/world.ts";
import { Watch } from "./watch.ts";

export type { FaultRule } from "./faults.ts";
export type { ArgaOptions } from "./options.ts";
export type { Sandbox } from "./state/sandboxes.ts";
export type { TestRun } from "./state/test-runs.ts";
export type { TwinRun } from "./state/twin-runs.ts";
export type { Validation } from "./state/validations.ts";
export type { StreamFault } from "./stream.ts";

/** A running stand-in of the Arga API. */
export interface Arga {
  /** Without a trailing slash. */
  url: string;
  key: string;
  /** Every route by name, as fault rules take it. */
  routes: string[];
  /** The same names under headings. */
  routeGroups: { title: string; routes: string[] }[];
  requests: ArgaRequest[];
  /** Twin runs by id, in order of creation, as all of these are. */
  runs: Map<string, TwinRun>;
  testRuns: Map<string, TestRun>;
  savedTests: Map<string, SavedTest>;
  sandboxes: Map<string, Sandbox>;
  validations: Map<string, Validation>;
  scenarios: Map<string, Scenario>;
  /** By the id of their scenario. */
  environments: Map<string, Environment>;
  /** Returns what removes the rule. @throws RangeError when the rule contradicts itself. */
  fault(rule: FaultRule): () => void;
  clearFaults(): void;
  control: Control;
  /** Refuses connections and cuts those that there are, as a server that is down; time and runs go on. */
  down(): Promise<void>;
  /** Listens again, at the same address. @throws Error when the port is taken. */
  up(): Promise<void>;
  /**
   * The first truthy answer of the probe. Asks again on each request and change of state.
   * @throws Error after `timeoutMs` (default 60 000) that lists the runs and the last requests.
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
  const world = createWorld(settings, watch);
  if (settings.examples) addExamples(world);
  const parts: SimParts = { world, control: controlOf(world), faults: new Faults(), requests: [] };
  const groups = groupsOf(parts);
  const router = new Router(groups.flatMap(({ routes }) => routes));
  const { server, down, stop } = serverOf(parts, router, watch);
  await listening(server, settings.port);

  const { requests, faults, control } = parts;
  const { port } = server.address() as AddressInfo;
  const arga: Arga = {
    url: `http://127.0.0.1:${port}`,
    key: settings.key,
    routes: router.names(),
    routeGroups: groups.map(({ title, routes }) => ({ title, routes: routes.map(nameOf) })),
    requests,
    ...recordsOf(world),
    control,
    down,
    up: async () => {
      if (!server.listening) await listening(server, port);
    },
    fault: (rule) => faults.add(rule),
    clearFaults: () => void faults.clear(),
    until: (probe, timeoutMs = 60_000) =>
      watch.until(
        () => probe(arga),
        timeoutMs,
        () => describe(arga),
      ),
    close: stop,
  };
  return arga;
}

function recordsOf(world: World) {
  return {
    runs: world.twinRuns.all,
    testRuns: world.testRuns.all,
    savedTests: world.savedTests.all,
    sandboxes: world.sandboxes.all,
    validations: world.validations.all,
    scenarios: world.scenarios.all,
    environments: world.environments.all,
  };
}

/** A new resource is a file in `routes/` and a line here. */
function groupsOf(parts: SimParts): RouteGroup[] {
  const { world } = parts;
  return [
    { title: "Account", routes: accountRoutes(world) },
    { title: "Catalog", routes: catalogRoutes(world) },
    { title: "Twin runs", routes: twinRunRoutes(world) },
    { title: "Twin runs, legacy", routes: legacyTwinRoutes(world) },
    { title: "Test runs", routes: testRunRoutes(world) },
    { title: "Saved tests", routes: savedTestRoutes(world) },
    { title: "Sandbox runs", routes: sandboxRoutes(world) },
    { title: "Validation runs, legacy", routes: validationRoutes(world) },
    { title: "GitHub", routes: githubRoutes(world) },
    { title: "Scenarios", routes: scenarioRoutes(world) },
    { title: "This stand-in itself", routes: simRoutes(parts) },
  ];
}

interface Serving {
  server: Server;
  down(): Promise<void>;
  stop(): Promise<void>;
}

function serverOf(parts: SimParts, router: Router, watch: Watch): Serving {
  const { world, faults, requests } = parts;
  const closing = new AbortController();
  const context = {
    accepts: (key: string) => key === world.settings.key || world.devices.accepts(key),
    router,
    dialect: world.settings.dialect,
    faults,
    requests,
    changed: watch.changed,
    closing: closing.signal,
  };
  const server = createServer((request, response) => {
    // What ends up here is a caller that left, or the server closing under a waiting request.
    exchange(context, request, response).catch(() => response.destroy());
  });
  const down = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.once("close", resolve));
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const stop = (): Promise<void> => {
    closing.abort();
    world.clock.close();
    return down();
  };
  return { server, down, stop };
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
  const runs = [
    ...[...arga.runs.values()].map((run) => `  ${run.runId} ${run.twins.join(",")} ${run.status}`),
    ...[...arga.testRuns.values()].map((run) => `  ${run.id} test ${run.status}`),
    ...[...arga.sandboxes.values()].map((run) => `  ${run.sandboxId} sandbox ${run.status}`),
    ...[...arga.validations.values()].map((run) => `  ${run.runId} ${run.runType} ${run.status}`),
  ];
  return `runs:\n${runs.join("\n") || "  none"}\n${describeRequests(arga.requests)}`;
}
