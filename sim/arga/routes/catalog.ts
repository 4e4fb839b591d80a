import { ok, type Route } from "../router.ts";
import type { World } from "../state/world.ts";

/** The docs ask for a key on the legacy path; for the newer one the sources disagree. */
export function catalogRoutes(world: World): Route[] {
  const handle = () => ok(world.settings.catalog.map((twin) => ({ ...twin, mcp: twin.mcp ?? null })));
  const legacy: Route = { method: "GET", pattern: "/validate/twins", handle };
  const { canonicalTwinRuns, catalogKey } = world.settings.dialect;
  return canonicalTwinRuns
    ? [{ method: "GET", pattern: "/twins", open: !catalogKey, handle }, legacy]
    : [legacy];
}
