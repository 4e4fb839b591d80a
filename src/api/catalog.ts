import * as z from "zod";
import { Generations, plain } from "./paths.ts";
import { address, flag, label, listUnder, name, text, word } from "./shapes.ts";
import type { Transport } from "./transport.ts";

/** How a twin that speaks MCP is reached; `url` only for a twin that runs. */
export const mcpServer = z
  .object({ server_name: label, transport: word, path: address, auth: label, url: address, notes: text })
  .nullish()
  .catch(undefined);

const catalogTwin = z.object({
  name,
  label,
  /** `frontend`, `backend`, `infra`, `unified`, or a word that came later. */
  kind: word,
  show_in_ui: flag,
  mcp: mcpServer,
});

/** A twin that Arga offers (docs/references/arga-api.md#twin-catalog). */
export type CatalogTwin = z.infer<typeof catalogTwin>;

/** Bare in all sources; under a name as well, as Arga's other lists come in both forms. */
const catalogTwins = listUnder("twins", catalogTwin);

/**
 * The catalog of twins: `GET /twins`, or `GET /validate/twins` on a server that does not know the former. The key
 * is always sent: the docs ask for it, a later test of Arga's CLI goes without.
 */
export class Catalog {
  readonly #transport: Transport;
  readonly #paths = new Generations(["/twins", "/validate/twins"]);

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All twins. Throws {@link ArgaError}. */
  list(signal?: AbortSignal): Promise<CatalogTwin[]> {
    return this.#paths.collection((path) =>
      this.#transport.request({ method: "GET", ...plain(path), schema: catalogTwins, signal }),
    );
  }
}
