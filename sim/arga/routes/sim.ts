import { z } from "zod";
import { uuid, valid } from "../check.ts";
import type { Control } from "../control.ts";
import type { FaultRule, Faults } from "../faults.ts";
import { Refusal } from "../refusal.ts";
import type { ArgaRequest } from "../request-log.ts";
import { type Call, ok, type Reply, type Route } from "../router.ts";
import { twinRunView } from "../state/twin-view.ts";
import type { World } from "../state/world.ts";

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
});

const ActBody = z.strictObject({ error: z.string().optional() }).optional();

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
    {
      method: "POST",
      pattern: "/_sim/twin-runs/{run_id}/{act}",
      open: true,
      handle: (call) => act(parts, call),
    },
  ];
}

function overview({ world, faults, requests }: SimParts): Record<string, unknown> {
  const { speed, plan, dialect } = world.settings;
  return {
    settings: { speed, plan, dialect },
    twin_runs: [...world.twinRuns.all.values()].map((run) => twinRunView(run, world.settings.catalog)),
    faults: faults.list(),
    requests: requests.slice(-50),
  };
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
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}

function act({ world, control }: SimParts, call: Call): Reply {
  const runId = uuid(call.params.run_id);
  const error = valid(ActBody, call.body)?.error ?? "Provisioning failed";
  const acts = new Map<string, () => void>([
    ["teardown", () => control.teardown(runId)],
    ["expire", () => control.expire(runId)],
    ["fail", () => control.fail(runId, error)],
    ["ready", () => control.ready(runId)],
    ["lock", () => control.lock(runId)],
  ]);
  const chosen = acts.get(call.params.act ?? "");
  if (!chosen) throw new Refusal(404, `Not one of: ${[...acts.keys()].join(", ")}`);
  chosen();
  return ok(twinRunView(world.twinRuns.get(runId), world.settings.catalog));
}
