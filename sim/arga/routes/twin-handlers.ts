import { z } from "zod";
import { noBody, uuid, valid } from "../check.ts";
import { Refusal } from "../refusal.ts";
import { type Call, ok, type Reply } from "../router.ts";
import type { TwinRun } from "../state/twin-runs.ts";
import { seedResults, twinRunView } from "../state/twin-view.ts";
import type { World } from "../state/world.ts";

const Minutes = z.int().min(1).max(480);

// Whether Arga refuses fields that it does not know is not recorded. Refusing them finds misspelt ones.
const CreateBody = z.strictObject({
  twins: z.array(z.string().min(1)).min(1),
  ttl_minutes: Minutes.optional(),
  // Scenarios do not exist here yet, so any id is taken for one.
  scenario_id: z.string().min(1).optional(),
  scenario_prompt: z.string().optional(),
  scenario_generation_mode: z.enum(["fast", "thorough"]).optional(),
  public: z.boolean().optional(),
  // The CLI sends these two; what they do is not documented.
  scenario: z.string().optional(),
  access_profile: z.string().optional(),
});

// The docs let the body be left out altogether.
const ExtendBody = z.strictObject({ ttl_minutes: Minutes.optional() }).optional();

type CreateBody = z.infer<typeof CreateBody>;

/** `POST …`: answers the id and, as newer clients' fixtures show, the first status. */
export function create(world: World, call: Call): Reply {
  const body = valid(CreateBody, call.body);
  requireKnown(world, body.twins);
  // A name given twice is taken once: what Arga does with it is not known.
  const twins = [...new Set(body.twins)];
  const run = world.twinRuns.create({
    twins,
    ttlMinutes: world.account.charge(twins.length, body.ttl_minutes),
    isPublic: body.public ?? true,
    baseline: baselineOf(body),
  });
  return ok({ run_id: run.runId, status: run.status });
}

/** The status routes. The body of the 410 is not known beyond its marker. */
export function get(world: World, call: Call): Reply {
  const run = world.twinRuns.get(idOf(call));
  if (run.destroyed) throw new Refusal(410, "environment_destroyed");
  return ok(twinRunView(run, world.settings.catalog));
}

export function extend(world: World, call: Call): Reply {
  const minutes = valid(ExtendBody, call.body)?.ttl_minutes ?? 60;
  const { runId } = world.twinRuns.get(idOf(call));
  world.account.requireExtendable();
  const run = world.twinRuns.extend(runId, minutes);
  return ok({ status: "extended", ...extensionOf(world, run) });
}

export function lock(world: World, call: Call): Reply {
  const run_id = bareIdOf(call);
  const status = world.twinRuns.lock(run_id) ? "locked" : "already_locked";
  return ok({ status, run_id, is_public: false });
}

export function teardown(world: World, call: Call): Reply {
  const run_id = bareIdOf(call);
  world.twinRuns.teardown(run_id);
  return ok({ status: "cleaning_up", run_id });
}

export function reset(world: World, call: Call): Reply {
  const run = world.twinRuns.reset(bareIdOf(call));
  return ok({
    run_id: run.runId,
    status: "reset_complete",
    baseline_kind: run.baseline,
    factory_reset: Object.fromEntries(run.twins.map((name) => [name, { status: "ok" }])),
    seed_results: seedResults(run),
  });
}

/** The CLI's way to end a twin run. What follows is not known; the answer's own word is taken at once. */
export function cancel(world: World, call: Call): Reply {
  world.twinRuns.cancel(bareIdOf(call));
  return ok({ status: "cancelled" });
}

function idOf(call: Call): string {
  return uuid(call.params.run_id);
}

function bareIdOf(call: Call): string {
  noBody(call.body);
  return idOf(call);
}

// 400 is documented for sandboxes; for twin runs the status is not known and taken to be the same.
function requireKnown(world: World, twins: string[]): void {
  const unknown = twins.filter((name) => !world.settings.catalog.some((twin) => twin.name === name));
  if (unknown.length > 0) throw new Refusal(400, `Unknown twins: ${unknown.join(", ")}`);
}

function baselineOf(body: CreateBody): TwinRun["baseline"] {
  if (body.scenario_id !== undefined) return "scenario";
  return body.scenario_prompt ? "prompt" : "empty";
}

function extensionOf(world: World, run: TwinRun): Record<string, unknown> {
  return world.settings.dialect.extendReply === "expires_at" && run.expiresAt !== null
    ? { expires_at: new Date(run.expiresAt).toISOString() }
    : { ttl_minutes: run.ttlMinutes };
}
