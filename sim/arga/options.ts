import { randomBytes } from "node:crypto";
import { type CatalogTwin, defaultCatalog } from "./catalog.ts";
import { type Dialect, defaultDialect } from "./dialect.ts";

export type Plan = "free" | "team" | "paid";

export interface ArgaOptions {
  /** 0, the default, takes a free port. The address is always 127.0.0.1. */
  port?: number;
  /** The one API key that is accepted. Default: `arga_sk_` and 40 random hex digits. */
  key?: string;
  /** How many times faster than the wall clock simulated time passes, 0.02 or more. Default 1. */
  speed?: number;
  /** Simulated seconds from create to ready. Default 20. */
  provisionSeconds?: number;
  /** Simulated seconds from teardown to its last status. Default 10. */
  cleanupSeconds?: number;
  /** Simulated seconds from create to the end of a test run or validation run. Default 40. */
  runSeconds?: number;
  /** Simulated seconds between the heartbeats of a stream; 0 for none. Default 15. */
  heartbeatSeconds?: number;
  /** Whether a few saved tests and scenarios are there from the start. Default true. */
  examples?: boolean;
  plan?: Plan;
  /** Runs that the Free plan includes in a month: twin, test and validation runs together. Default 10. */
  monthlyRuns?: number;
  /** Twin runs that the key allows in all; 5 for one from an e-mail sign-up. Default: no limit. */
  provisions?: number;
  catalog?: CatalogTwin[];
  dialect?: Dialect;
  /** What stands before the path in the addresses of pictures. Default: nothing, so that they are below Arga's own. */
  artifactsBase?: string;
  /** Bytes that a picture has at least. Default 0. */
  artifactBytes?: number;
}

export type Settings = Required<Omit<ArgaOptions, "dialect">> & { dialect: Required<Dialect> };

const SLOWEST = 0.02;

/**
 * Fills in the defaults.
 * @throws RangeError for a speed or a duration that timers cannot keep.
 */
export function settle(options: ArgaOptions): Settings {
  const settings: Settings = {
    port: 0,
    key: `arga_sk_${randomBytes(20).toString("hex")}`,
    speed: 1,
    provisionSeconds: 20,
    cleanupSeconds: 10,
    runSeconds: 40,
    heartbeatSeconds: 15,
    examples: true,
    plan: "team",
    monthlyRuns: 10,
    provisions: Number.POSITIVE_INFINITY,
    catalog: defaultCatalog,
    artifactsBase: "",
    artifactBytes: 0,
    ...options,
    dialect: { ...defaultDialect, ...options.dialect },
  };
  requireKeepable(settings);
  return settings;
}

function requireKeepable(settings: Settings): void {
  const { speed, provisionSeconds, cleanupSeconds, runSeconds, heartbeatSeconds } = settings;
  // Below this, 480 minutes no longer fit the 2^31 milliseconds of a Node timer, which would fire at once.
  if (!Number.isFinite(speed) || speed < SLOWEST) throw new RangeError(`speed must be ${SLOWEST} or more`);
  for (const seconds of [provisionSeconds, cleanupSeconds, runSeconds, heartbeatSeconds]) {
    if (!(seconds >= 0 && seconds <= 28_800)) throw new RangeError("durations must be 0 to 28800 seconds");
  }
}
