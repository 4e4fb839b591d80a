import { type Account, getAccount } from "./account.ts";
import { Catalog } from "./catalog.ts";
import { Transport, type TransportOptions } from "./transport.ts";
import { CANONICAL_ROUTES, LEGACY_ROUTES, TwinRuns } from "./twin-runs.ts";

/** Arga's HTTP API, by resource. One client serves a whole process; it keeps a pool of connections. */
export class ArgaClient {
  readonly twinRuns: TwinRuns;
  readonly legacyTwinRuns: TwinRuns;
  readonly catalog: Catalog;
  readonly #transport: Transport;

  constructor(options: TransportOptions) {
    this.#transport = new Transport(options);
    this.twinRuns = new TwinRuns(this.#transport, CANONICAL_ROUTES);
    this.legacyTwinRuns = new TwinRuns(this.#transport, LEGACY_ROUTES);
    this.catalog = new Catalog(this.#transport);
  }

  account(signal?: AbortSignal): Promise<Account> {
    return getAccount(this.#transport, signal);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  destroy(): Promise<void> {
    return this.#transport.destroy();
  }
}
