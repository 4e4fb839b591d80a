import { ok, type Route } from "../router.ts";
import type { World } from "../state/world.ts";

/** The docs ask for a key on the legacy path; for the newer one the sources disagree, so it asks as well. */
export function catalogRoutes(world: World): Route[] {
  const handle = () => ok(world.settings.catalog.map((twin) => ({ ...twin, mcp: twin.mcp ?? null })));
  const legacy: Route = { method: "GET", pattern: "/validate/twins", handle };
  return world.settings.dialect.canonicalTwinRuns
    ? [{ method: "GET", pattern: "/twins", handle }, legacy]
    : [legacy];
}
