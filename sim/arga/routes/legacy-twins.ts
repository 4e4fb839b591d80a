import type { Route } from "../router.ts";
import type { World } from "../state/world.ts";
import { create, extend, get, lock, reset, teardown } from "./twin-handlers.ts";

const BASE = "/validate/twins/provision";

/** The older paths, which alone are in the API reference and alone have a reset. */
export function legacyTwinRoutes(world: World): Route[] {
  return [
    { method: "POST", pattern: BASE, creates: true, handle: (call) => create(world, call) },
    { method: "GET", pattern: `${BASE}/{run_id}/status`, handle: (call) => get(world, call) },
    { method: "POST", pattern: `${BASE}/{run_id}/extend`, handle: (call) => extend(world, call) },
    { method: "POST", pattern: `${BASE}/{run_id}/lock`, handle: (call) => lock(world, call) },
    { method: "POST", pattern: `${BASE}/{run_id}/teardown`, handle: (call) => teardown(world, call) },
    { method: "POST", pattern: `${BASE}/{run_id}/reset`, handle: (call) => reset(world, call) },
  ];
}
