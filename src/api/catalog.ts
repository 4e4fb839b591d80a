import { z } from "zod";
import { ArgaNotFound } from "./errors.ts";
import type { Transport } from "./transport.ts";

const catalogTwin = z.object({
  name: z.string().min(1),
  label: z.string().nullish(),
  kind: z.string().nullish(),
  show_in_ui: z.boolean().nullish(),
});

/** A twin that Arga offers (facts/arga-api.md, section 6). */
export type CatalogTwin = z.infer<typeof catalogTwin>;

/** The catalog of twins: `GET /twins`, or `GET /validate/twins` on a server that does not know the former. */
export class Catalog {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list(signal?: AbortSignal): Promise<CatalogTwin[]> {
    try {
      return await this.#get("/twins", signal);
    } catch (error) {
      if (!(error instanceof ArgaNotFound)) throw error;
      return await this.#get("/validate/twins", signal);
    }
  }

  #get(path: string, signal: AbortSignal | undefined): Promise<CatalogTwin[]> {
    return this.#transport.request({
      method: "GET",
      path,
      route: path,
      schema: z.array(catalogTwin),
      signal,
    });
  }
}
