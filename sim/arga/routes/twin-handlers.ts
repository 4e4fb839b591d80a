import { z } from "zod";
import { idOf, noBody, uuid, valid } from "../check.ts";
import { Minutes } from "../fields.ts";
import { Refusal } from "../refusal.ts";
import { type Call, ok, type Reply } from "../router.ts";
import type { TwinRun } from "../state/twin-runs.ts";
import { seedResults, twinRunView } from "../state/twin-view.ts";
import type { World } from "../state/world.ts";

// Whether Arga refuses fields that it does not know is not recorded. Refusing them finds misspelt ones.
const CreateBody = z.strictObject({
  twins: z.array(z.string().min(1)).min(1),
  ttl_minutes: Minutes.optional(),
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
  if (world.settings.dialect.unknownScenario === "refused") requireScenario(world, body.scenario_id);
  // A name given twice is taken once: what Arga does with it is not known.
  const twins = [...new Set(body.twins)];
  const ttlMinutes = world.account.lifetime(twins.length, body.ttl_minutes);
  world.account.chargeTwins();
  const run = world.twinRuns.create({
    twins,
    ttlMinutes,
    isPublic: body.public ?? true,
    baseline: baselineOf(body),
    scenarioId: body.scenario_id ?? null,
  });
  const withStatus = world.settings.dialect.createReply === "status";
  return ok({ run_id: run.runId, ...(withStatus && { status: run.status }) });
}

/** The status routes. The body of the 410 is not known beyond its marker. */
export function get(world: World, call: Call): Reply {
  const run = world.twinRuns.get(runIdOf(call));
  if (run.destroyed) throw new Refusal(410, "environment_destroyed");
  return ok(twinRunView(run, world.settings));
}

export function extend(world: World, call: Call): Reply {
  const minutes = valid(ExtendBody, call.body)?.ttl_minutes ?? 60;
  const { runId } = world.twinRuns.get(runIdOf(call));
  world.account.requireExtendable();
  const run = world.twinRuns.extend(runId, minutes);
  return ok({ status: "extended", ...extensionOf(world, run) });
}

export function lock(world: World, call: Call): Reply {
  const run_id = bareRunIdOf(call);
  const status = world.twinRuns.lock(run_id) ? "locked" : "already_locked";
  return ok({ status, run_id, is_public: false });
}

export function teardown(world: World, call: Call): Reply {
  const run_id = bareRunIdOf(call);
  world.twinRuns.teardown(run_id);
  return ok({ status: "cleaning_up", run_id });
}

export function reset(world: World, call: Call): Reply {
  const run = world.twinRuns.reset(bareRunIdOf(call));
  return ok({
    run_id: run.runId,
    status: "reset_complete",
    baseline_kind: run.baseline,
    factory_reset: Object.fromEntries(run.twins.map((name) => [name, { status: "ok" }])),
    seed_results: seedResults(run),
  });
}

function runIdOf(call: Call): string {
  return uuid(call.params.run_id);
}

function bareRunIdOf(call: Call): string {
  noBody(call.body);
  return runIdOf(call);
}

/** 400 is documented for sandboxes; elsewhere the status is not known and taken to be the same. */
export function requireKnown(world: World, twins: string[]): void {
  const unknown = twins.filter((name) => !world.settings.catalog.some((twin) => twin.name === name));
  if (unknown.length > 0) throw new Refusal(400, `Unknown twins: ${unknown.join(", ")}`);
}

/** @throws Refusal 404 for a scenario that is neither saved nor a preset. */
export function requireScenario(world: World, id: string | null | undefined): void {
  if (id) world.scenarios.get(idOf(id));
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
