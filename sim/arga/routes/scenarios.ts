import { z } from "zod";
import { idOf, noBody, queryFlag, valid } from "../check.ts";
import { FreeForm, Twins } from "../fields.ts";
import { type Call, ok, type Reply, type Route } from "../router.ts";
import { environmentView } from "../state/environments.ts";
import { presetView, type Scenario, type ScenarioSpec, scenarioView } from "../state/scenarios.ts";
import type { World } from "../state/world.ts";
import { requireKnown } from "./twin-handlers.ts";

// Limits of length are not known.
const Body = z.strictObject({
  name: z.string().min(1),
  description: z.string().nullish(),
  prompt: z.string().nullish(),
  twins: Twins.nullish(),
  seed_config: FreeForm.nullish(),
  tags: z.array(z.string()).nullish(),
  generation_mode: z.enum(["fast", "thorough"]).nullish(),
});

const EnvironmentBody = z
  .strictObject({ public: z.boolean().nullish(), twins: Twins.min(1).nullish() })
  .optional();

const ONE = "/scenarios/{scenario_id}";
const ENVIRONMENT = `${ONE}/twin-environment`;

export function scenarioRoutes(world: World): Route[] {
  return [
    { method: "GET", pattern: "/scenarios", handle: (call) => list(world, call) },
    { method: "GET", pattern: "/scenarios/presets", open: true, handle: (call) => presets(world, call) },
    { method: "GET", pattern: "/scenarios/long-runs", handle: () => ok(longRuns(world)) },
    { method: "POST", pattern: "/scenarios", creates: true, handle: (call) => create(world, call) },
    { method: "GET", pattern: ONE, handle: (call) => ok(scenarioView(scenarioOf(world, call))) },
    { method: "PUT", pattern: ONE, handle: (call) => replace(world, call) },
    { method: "DELETE", pattern: ONE, handle: (call) => remove(world, call) },
    ...environmentRoutes(world),
  ];
}

function environmentRoutes(world: World): Route[] {
  const view = (scenarioId: string) =>
    ok(environmentView(world.environments.get(scenarioId), world.settings));
  const get = (call: Call) => view(scenarioOf(world, call).id);
  const reseed = (call: Call) => view(world.environments.reseed(bareScenarioOf(world, call).id).scenarioId);
  const all = () => [...world.environments.all.values()];
  return [
    { method: "POST", pattern: ENVIRONMENT, creates: true, handle: (call) => ensureEnvironment(world, call) },
    { method: "GET", pattern: ENVIRONMENT, handle: get },
    { method: "POST", pattern: `${ENVIRONMENT}/reseed`, handle: reseed },
    { method: "DELETE", pattern: ENVIRONMENT, handle: (call) => removeEnvironment(world, call) },
    {
      method: "GET",
      pattern: "/scenario-twin-environments",
      handle: () => ok(all().map((environment) => environmentView(environment, world.settings))),
    },
  ];
}

/** A bare array; presets are in it only when they are asked for. */
function list(world: World, call: Call): Reply {
  const withPresets = queryFlag(call.query, "include_presets");
  const found = matching(world, call).filter(({ isPreset }) => withPresets || !isPreset);
  return ok(found.map(scenarioView));
}

function presets(world: World, call: Call): Reply {
  const found = matching(world, call).filter(({ isPreset }) => isPreset);
  return ok(found.map(presetView));
}

function matching(world: World, { query }: Call): Scenario[] {
  const twin = query.get("twin");
  const tag = query.get("tag");
  return [...world.scenarios.all.values()].filter(
    (scenario) =>
      (twin === null || scenario.twins.includes(twin)) && (tag === null || scenario.tags.includes(tag)),
  );
}

/** The latest twin run of each scenario that is not over. */
function longRuns(world: World): unknown[] {
  const latest = new Map<string, { run_id: string; status: string }>();
  for (const { scenarioId, runId, status } of world.twinRuns.all.values()) {
    if (scenarioId && ["queued", "provisioning", "ready"].includes(status)) {
      latest.set(scenarioId, { run_id: runId, status });
    }
  }
  return [...latest].map(([scenario_id, run]) => ({ scenario_id, run }));
}

function create(world: World, call: Call): Reply {
  return ok(scenarioView(world.scenarios.create(specOf(world, call))));
}

function replace(world: World, call: Call): Reply {
  const { id } = scenarioOf(world, call);
  return ok(scenarioView(world.scenarios.replace(id, specOf(world, call))));
}

// What a deletion answers is not known beyond being JSON; nor what becomes of the environment, which goes too.
function remove(world: World, call: Call): Reply {
  const { id } = bareScenarioOf(world, call);
  world.scenarios.remove(id);
  if (world.environments.all.has(id)) world.environments.remove(id);
  return ok({ id, status: "deleted" });
}

function specOf(world: World, call: Call): ScenarioSpec {
  const { name, description, prompt, twins, seed_config, tags } = valid(Body, call.body);
  requireKnown(world, twins ?? []);
  return {
    name,
    description: description ?? null,
    prompt: prompt ?? null,
    ...(twins && { twins: [...new Set(twins)] }),
    seedConfig: seed_config ?? null,
    tags: tags ?? [],
  };
}

/** Creates it or answers the one there is. No plan limits the number of its twins (observed live). */
function ensureEnvironment(world: World, call: Call): Reply {
  const scenario = scenarioOf(world, call);
  const body = valid(EnvironmentBody, call.body);
  const twins = [...new Set(body?.twins ?? scenario.twins)];
  requireKnown(world, twins);
  const environment = world.environments.ensure(scenario.id, { twins, isPublic: body?.public ?? true });
  return ok(environmentView(environment, world.settings));
}

function removeEnvironment(world: World, call: Call): Reply {
  const removed = world.environments.remove(bareScenarioOf(world, call).id);
  return ok(environmentView(removed, world.settings));
}

function bareScenarioOf(world: World, call: Call): Scenario {
  noBody(call.body);
  return scenarioOf(world, call);
}

function scenarioOf(world: World, call: Call): Scenario {
  return world.scenarios.get(idOf(call.params.scenario_id));
}
