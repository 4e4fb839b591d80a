import { ok, type Route } from "../router.ts";
import type { World } from "../state/world.ts";

export function accountRoutes(world: World): Route[] {
  return [
    // What /health answers is not documented, only that it needs no key.
    { method: "GET", pattern: "/health", open: true, handle: () => ok({ status: "ok" }) },
    { method: "GET", pattern: "/auth/me", handle: () => ok(world.account.me()) },
  ];
}
