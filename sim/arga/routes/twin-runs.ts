import type { Route } from "../router.ts";
import type { World } from "../state/world.ts";
import { create, extend, get, lock, teardown } from "./twin-handlers.ts";

/** The newest paths. There is no list and no reset among them. */
export function twinRunRoutes(world: World): Route[] {
  if (!world.settings.dialect.canonicalTwinRuns) return [];
  return [
    { method: "POST", pattern: "/twin-runs", creates: true, handle: (call) => create(world, call) },
    { method: "GET", pattern: "/twin-runs/{run_id}", handle: (call) => get(world, call) },
    { method: "POST", pattern: "/twin-runs/{run_id}/extend", handle: (call) => extend(world, call) },
    { method: "POST", pattern: "/twin-runs/{run_id}/lock", handle: (call) => lock(world, call) },
    { method: "POST", pattern: "/twin-runs/{run_id}/teardown", handle: (call) => teardown(world, call) },
  ];
}
