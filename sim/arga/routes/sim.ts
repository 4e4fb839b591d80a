import { z } from "zod";
import { valid } from "../check.ts";
import type { Control } from "../control.ts";
import type { FaultRule, Faults } from "../faults.ts";
import { Refusal } from "../refusal.ts";
import type { ArgaRequest } from "../request-log.ts";
import { type Call, ok, type Reply, type Route } from "../router.ts";
import type { Outcome } from "../state/outcome.ts";
import { validationView } from "../state/run-view.ts";
import { sandboxView } from "../state/sandboxes.ts";
import { scenarioView } from "../state/scenarios.ts";
import { savedTestView, testRunView } from "../state/test-view.ts";
import { twinRunView } from "../state/twin-view.ts";
import type { World } from "../state/world.ts";
import { streamFaultKinds } from "../stream.ts";
import { actRoutes } from "./sim-acts.ts";

export interface SimParts {
  world: World;
  faults: Faults;
  control: Control;
  requests: ArgaRequest[];
}

const FaultBody = z.strictObject({
  route: z.string().optional(),
  times: z.int().positive().optional(),
  after: z.int().nonnegative().optional(),
  delayMs: z.number().nonnegative().optional(),
  status: z.int().optional(),
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  retryAfter: z.number().nonnegative().optional(),
  action: z.enum(["respond", "reset", "lose", "hang"]).optional(),
  applyFirst: z.boolean().optional(),
  stream: z
    .strictObject({ kind: z.enum(streamFaultKinds), afterEvents: z.int().nonnegative().optional() })
    .optional(),
});

/** The surface for people with curl: no key, not in the request log, not touched by faults. */
export function simRoutes(parts: SimParts): Route[] {
  return [
    { method: "GET", pattern: "/_sim", open: true, handle: () => ok(overview(parts)) },
    { method: "POST", pattern: "/_sim/faults", open: true, handle: (call) => addFault(parts, call) },
    {
      method: "DELETE",
      pattern: "/_sim/faults",
      open: true,
      handle: () => ok({ cleared: parts.faults.clear() }),
    },
    { method: "GET", pattern: "/_sim/login", open: true, handle: (call) => login(parts, call) },
    ...actRoutes(parts),
  ];
}

function overview({ world, faults, requests }: SimParts): Record<string, unknown> {
  const { plan, dialect } = world.settings;
  return {
    settings: { speed: world.clock.speed, plan, dialect },
    twin_runs: [...world.twinRuns.all.values()].map((run) => twinRunView(run, world.settings)),
    test_runs: [...world.testRuns.all.values()].map((run) => testRunView(small(run), world.settings)),
    sandbox_runs: [...world.sandboxes.all.values()].map((run) => sandboxView(run, world.settings)),
    validation_runs: [...world.validations.all.values()].map((run) =>
      validationView(small(run), world.settings),
    ),
    saved_tests: [...world.savedTests.all.values()].map(savedTestView),
    scenarios: [...world.scenarios.all.values()].map(scenarioView),
    device_logins: world.devices.pending,
    faults: faults.list(),
    requests: requests.slice(-50),
  };
}

/** The run without results of several MB, which nobody wants to look through. */
function small<Run extends { outcome: Outcome }>(run: Run): Run {
  const oddities = run.outcome.oddities.filter((oddity) => oddity !== "huge results");
  return { ...run, outcome: { ...run.outcome, oddities } };
}

function addFault({ faults }: SimParts, call: Call): Reply {
  const { route, ...rest } = valid(FaultBody, call.body);
  try {
    faults.add({ ...defined(rest), ...(route !== undefined && { route: routeOf(route) }) });
  } catch (error) {
    throw new Refusal(422, error instanceof Error ? error.message : String(error));
  }
  return ok({ faults: faults.list() });
}

// JSON has no regular expressions: a route between slashes is one, since a route's name starts with a method.
function routeOf(route: string): string | RegExp {
  return route.startsWith("/") && route.endsWith("/") && route.length > 2
    ? new RegExp(route.slice(1, -1))
    : route;
}

function defined(rest: z.infer<typeof FaultBody>): FaultRule {
  const { stream, ...plain } = rest;
  const rule: FaultRule = Object.fromEntries(
    Object.entries(plain).filter(([, value]) => value !== undefined),
  );
  if (stream) rule.stream = { kind: stream.kind, afterEvents: stream.afterEvents ?? 0 };
  return rule;
}

/** The page that the CLI opens for a login: looking at it is saying yes. */
function login({ control }: SimParts, call: Call): Reply {
  control.approveDevice(call.query.get("device_code") ?? "");
  return ok("This device may now use the account.");
}
