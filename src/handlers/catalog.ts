import { messageOf } from "../errors.ts";
import { saysWith } from "../views/answers.ts";
import type { Content } from "../views/card.ts";
import { catalogList } from "../views/lists.ts";
import type { Desk, Request } from "./desk.ts";

/** Fetches the catalog and keeps it for all processes. Throws {@link ArgaError}. */
export async function refreshCatalog(
  desk: Pick<Desk, "arga" | "catalog">,
  signal?: AbortSignal,
): Promise<void> {
  await desk.catalog.set(await desk.arga.catalog.list(signal), Date.now());
}

/** How long Arga may take before an older list is shown, in ms. */
const PATIENCE_MS = 2_500;

/** The catalog at once if it is fresh; otherwise Arga is asked, and what was seen last serves while Arga is away. */
export async function showCatalog(desk: Desk, request: Request): Promise<Content | undefined> {
  const known = await desk.catalog.get(Date.now());
  if (known?.isFresh) return catalogList(known.twins, true);
  desk.later(fetchAndTell(desk, request, known ? AbortSignal.timeout(PATIENCE_MS) : undefined));
  return undefined;
}

async function fetchAndTell(desk: Desk, request: Request, signal?: AbortSignal): Promise<void> {
  const content = await refreshCatalog(desk, signal).then(
    async () => await current(desk),
    async (error: unknown) =>
      (await current(desk)) ?? saysWith("Arga's catalog cannot be read right now.", messageOf(error)),
  );
  if (request.reply.url && content)
    await desk.slack.respond(request.reply.url, { response_type: "ephemeral", ...content });
}

async function current(desk: Desk): Promise<Content | undefined> {
  const known = await desk.catalog.get(Date.now());
  return known && catalogList(known.twins, known.isFresh);
}
