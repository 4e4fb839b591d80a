import { type Account, getAccount } from "./account.ts";
import { Artifacts } from "./artifacts.ts";
import { Catalog } from "./catalog.ts";
import { SandboxRuns } from "./sandbox-runs.ts";
import { Scenarios } from "./scenarios.ts";
import { TestRuns } from "./test-runs.ts";
import { Tests } from "./tests.ts";
import { Transport, type TransportOptions } from "./transport.ts";
import { CANONICAL_ROUTES, LEGACY_ROUTES, TwinRuns } from "./twin-runs.ts";
import { ValidationRuns } from "./validation-runs.ts";

/** Arga's HTTP API, by resource. One client serves a whole process; it keeps a pool of connections. */
export class ArgaClient {
  readonly twinRuns: TwinRuns;
  readonly legacyTwinRuns: TwinRuns;
  readonly catalog: Catalog;
  readonly testRuns: TestRuns;
  readonly tests: Tests;
  readonly sandboxRuns: SandboxRuns;
  readonly validationRuns: ValidationRuns;
  readonly scenarios: Scenarios;
  readonly artifacts: Artifacts;
  readonly #transport: Transport;

  /** @throws {ArgaMisconfigured} for a URL or a key that can be no such thing. Nothing is asked yet. */
  constructor(options: TransportOptions) {
    const transport = new Transport(options);
    this.#transport = transport;
    this.twinRuns = new TwinRuns(transport, CANONICAL_ROUTES);
    this.legacyTwinRuns = new TwinRuns(transport, LEGACY_ROUTES);
    this.catalog = new Catalog(transport);
    this.testRuns = new TestRuns(transport);
    this.tests = new Tests(transport);
    this.sandboxRuns = new SandboxRuns(transport);
    this.validationRuns = new ValidationRuns(transport);
    this.scenarios = new Scenarios(transport);
    this.artifacts = new Artifacts(transport);
  }

  /** Whose key it is, and what its plan allows. */
  account(signal?: AbortSignal): Promise<Account> {
    return getAccount(this.#transport, signal);
  }

  /** Asks with another key from now on. @throws {ArgaMisconfigured} for one that can be none. */
  useKey(key: string): void {
    this.#transport.useKey(key);
  }

  /** Waits for what is under way, streams included, then closes the connections. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  /** Cuts what is under way. */
  destroy(): Promise<void> {
    return this.#transport.destroy();
  }
}
