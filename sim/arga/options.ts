import { randomBytes } from "node:crypto";
import { type CatalogTwin, defaultCatalog } from "./catalog.ts";

export type Plan = "free" | "team";

/** Points on which the sources about Arga disagree. A client has to live with either answer. */
export interface Dialect {
  /** The last status after a teardown: observed live, or as the docs list it. Default `torn_down`. */
  tornDown?: "torn_down" | "cancelled";
  /** What a successful extend answers beside `status`. Default `ttl_minutes`. */
  extendReply?: "ttl_minutes" | "expires_at";
  /** `expired`: that status for ten simulated minutes, then 410. `gone`: 410 at once. Default `expired`. */
  afterExpiry?: "expired" | "gone";
  /** False: `/twin-runs` and `/twins` do not exist, only the legacy routes do. Default true. */
  canonicalTwinRuns?: boolean;
  /** When the time to live starts; with `ready`, `expires_at` is null until then. Default `create`. */
  ttlFrom?: "create" | "ready";
  /** Whether the 403 of a used-up monthly quota has a string or an object as `detail`. Default `string`. */
  quotaDetail?: "string" | "object";
}

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
  plan?: Plan;
  /** Twin runs that the Free plan includes in a month. Default 10. */
  monthlyRuns?: number;
  catalog?: CatalogTwin[];
  dialect?: Dialect;
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
    plan: "team",
    monthlyRuns: 10,
    catalog: defaultCatalog,
    ...options,
    dialect: { ...defaultDialect, ...options.dialect },
  };
  requireKeepable(settings);
  return settings;
}

const defaultDialect: Required<Dialect> = {
  tornDown: "torn_down",
  extendReply: "ttl_minutes",
  afterExpiry: "expired",
  canonicalTwinRuns: true,
  ttlFrom: "create",
  quotaDetail: "string",
};

function requireKeepable({ speed, provisionSeconds, cleanupSeconds }: Settings): void {
  // Below this, 480 minutes no longer fit the 2^31 milliseconds of a Node timer, which would fire at once.
  if (!Number.isFinite(speed) || speed < SLOWEST) throw new RangeError(`speed must be ${SLOWEST} or more`);
  for (const seconds of [provisionSeconds, cleanupSeconds]) {
    if (!(seconds >= 0 && seconds <= 28_800)) throw new RangeError("durations must be 0 to 28800 seconds");
  }
}
