import { z } from "zod";
import { idOf, noBody, valid } from "../check.ts";
import { Minutes, Repo, Twins } from "../fields.ts";
import { Refusal } from "../refusal.ts";
import { aliased, type Call, ok, type Reply, type Route } from "../router.ts";
import { sandboxView } from "../state/sandboxes.ts";
import type { World } from "../state/world.ts";
import { requireKnown } from "./twin-handlers.ts";

const CreateBody = z.strictObject({
  repo: Repo,
  branch: z.string().min(1).nullish(),
  pr_url: z.string().min(1).nullish(),
  twins: Twins.nullish(),
  scenario_id: z.string().min(1).nullish(),
  scenario_prompt: z.string().nullish(),
  ttl_minutes: Minutes.nullish(),
  env: z.record(z.string(), z.string()).nullish(),
  // Named by one test of the CLI only; taken, and without effect.
  app_command: z.string().nullish(),
});

/** The newest path and the one of the API reference; taken to be exact aliases. No list is known. */
export function sandboxRoutes(world: World): Route[] {
  const bases = world.settings.dialect.canonicalSandboxRuns
    ? ["/sandbox-runs", "/sandboxes"]
    : ["/sandboxes"];
  return aliased(bases, (base) => [
    { method: "POST", pattern: base, creates: true, handle: (call) => create(world, call) },
    {
      method: "GET",
      pattern: `${base}/{sandbox_id}`,
      handle: (call) => ok(sandboxView(of(world, call), world.settings)),
    },
    { method: "GET", pattern: `${base}/{sandbox_id}/logs`, handle: (call) => logs(world, call) },
    { method: "DELETE", pattern: `${base}/{sandbox_id}`, handle: (call) => remove(world, call) },
  ]);
}

// Whether sandboxes draw on the Free quota is not known: here they do not.
function create(world: World, call: Call): Reply {
  const body = valid(CreateBody, call.body);
  if (Boolean(body.branch) === Boolean(body.pr_url)) {
    throw new Refusal(world.settings.dialect.inputRefusal, "Provide exactly one of branch or pr_url");
  }
  const scenario = body.scenario_id ? world.scenarios.get(idOf(body.scenario_id)) : undefined;
  // Without any, Arga detects them in the repository; here it always finds the same one.
  const twins = [...new Set(body.twins ?? scenario?.twins ?? ["stripe"])];
  requireKnown(world, twins);
  const sandbox = world.sandboxes.create({
    repo: body.repo,
    branch: body.branch ?? null,
    prUrl: body.pr_url ?? null,
    twins,
    ttlMinutes: world.account.lifetime(twins.length, body.ttl_minutes ?? undefined),
    env: body.env ?? {},
  });
  return ok(sandboxView(sandbox, world.settings));
}

function logs(world: World, call: Call): Reply {
  const sandbox = of(world, call);
  return ok({ sandbox_id: sandbox.sandboxId, logs: sandbox.logs });
}

function remove(world: World, call: Call): Reply {
  noBody(call.body);
  const { sandboxId } = of(world, call);
  world.sandboxes.remove(sandboxId);
  return ok({ sandbox_id: sandboxId, status: "deleted" });
}

function of(world: World, call: Call) {
  return world.sandboxes.get(idOf(call.params.sandbox_id));
}
