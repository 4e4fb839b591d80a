import { z } from "zod";
import { valid } from "../check.ts";
import { Repo } from "../fields.ts";
import { Refusal } from "../refusal.ts";
import { type Call, ok, type Reply, type Route } from "../router.ts";
import type { World } from "../state/world.ts";

const Trigger = z.enum(["pr", "branch"]);
const InstallBody = z.strictObject({ repo: Repo });
const SetBody = z.strictObject({
  repo: Repo,
  trigger_mode: Trigger,
  comment_on_pr: z.boolean(),
  branch: z.string().min(1).nullish(),
});
const EnableBody = z.strictObject({ repo: Repo, trigger_mode: Trigger, enabled: z.boolean() });

const CONFIG = "/validation/github/config";

/** GitHub set-up, as far as the CLI shows it. No repository is really watched. */
export function githubRoutes(world: World): Route[] {
  const routes: Route[] = [
    { method: "POST", pattern: "/validation/github/install", handle: (call) => install(world, call) },
    { method: "GET", pattern: CONFIG, handle: (call) => get(world, call) },
    { method: "POST", pattern: CONFIG, handle: (call) => set(world, call) },
    { method: "PATCH", pattern: CONFIG, handle: (call) => enable(world, call) },
    { method: "GET", pattern: "/validation/github/enabled", handle: () => ok(world.github.enabled()) },
  ];
  return routes.map((route) => ({ ...route, handle: teamOnly(world, route.handle) }));
}

function teamOnly(world: World, handle: Route["handle"]): Route["handle"] {
  return (call) => {
    world.account.requireTeam("GitHub validation");
    return handle(call);
  };
}

function install(world: World, call: Call): Reply {
  const { repo } = valid(InstallBody, call.body);
  const config = world.github.set({ repo, trigger_mode: "pr", enabled: true });
  return ok({ repo, webhook_id: config.installation_id, enabled: config.enabled });
}

function get(world: World, { query }: Call): Reply {
  const mode = Trigger.safeParse(query.get("trigger_mode") ?? "pr");
  const repo = Repo.safeParse(query.get("repo"));
  if (!mode.success || !repo.success) {
    const loc = ["query", repo.success ? "trigger_mode" : "repo"];
    throw new Refusal(422, [{ type: "value_error", loc, msg: "Input should be valid" }]);
  }
  return ok(world.github.get(repo.data, mode.data));
}

function set(world: World, call: Call): Reply {
  const { branch, ...body } = valid(SetBody, call.body);
  return ok(world.github.set({ ...body, branch: branch ?? null, enabled: true }));
}

function enable(world: World, call: Call): Reply {
  return ok(world.github.set(valid(EnableBody, call.body)));
}
