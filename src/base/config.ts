import { readFileSync } from "node:fs";
import { closest, distance } from "fastest-levenshtein";
import * as z from "zod";
import { CodedError } from "./errors.ts";
import { proxyProblems } from "./proxy.ts";
import { readRedisUrl } from "./redis-url.ts";

/** The environment is missing something or holds something that cannot be right. */
export class ConfigError extends CodedError {
  readonly code = "CONFIG_INVALID";

  constructor(readonly problems: string[]) {
    const list = problems.map((problem) => `  - ${problem}`).join("\n");
    super(
      `arga-slack can't start. Fix ${count(problems.length)} in its settings:\n${list}\n.env.example explains every setting.`,
    );
  }
}

const count = (n: number): string => (n === 1 ? "one problem" : `${n} problems`);

/** The longest TTL that Arga takes, in minutes (docs/references/arga-api.md#plans-and-limits). */
const ARGA_MAX_TTL_MINUTES = 480;

const url = (protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });

const secret = (prefix: string) =>
  z
    .string()
    .refine((value) => value.startsWith(prefix) && value.length > prefix.length && !/[\s"'`]/.test(value), {
      error: `must start with ${prefix}, continue after it, and contain no spaces or quotes`,
    });

const number = (min: number, max: number) =>
  z.coerce
    .number({ error: "must be a number" })
    .min(min, { error: `must be at least ${min}` })
    .max(max, { error: `must be at most ${max}` });

const environment = z.object({
  SLACK_BOT_TOKEN: secret("xoxb-"),
  SLACK_SIGNING_SECRET: z
    .string()
    .transform((value) => value.split(",").map((each) => each.trim()))
    .refine((secrets) => secrets.length <= 2 && secrets.every((each) => /^[^\s"'`]+$/.test(each)), {
      error: "must be the app's Signing Secret alone, without spaces or quotes, or two split by a comma",
    })
    .optional(),
  SLACK_APP_TOKEN: secret("xapp-").optional(),
  SLACK_API_URL: url(["https:", "http:"]).default("https://slack.com/api/"),
  ARGA_API_KEY: secret("arga_sk_"),
  ARGA_API_URL: url(["https:", "http:"]).default("https://api.argalabs.com"),
  REDIS_URL: z
    .string()
    .superRefine((value, { addIssue }) => {
      const target = readRedisUrl(value);
      if (typeof target === "string") addIssue(target);
    })
    .default("redis://127.0.0.1:6379"),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w.-]{1,40}$/, { error: "may hold 1 to 40 letters, digits, dots, dashes and underscores" })
    .default("arga"),
  PORT: number(0, 65_535).int({ error: "must be a whole number" }).default(3000),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      error: "must be one of trace, debug, info, warn, error, fatal, silent",
    })
    .default("info"),
  ROLE: z.enum(["all", "web", "worker"], { error: "must be all, web or worker" }).default("all"),
  ADMIN_USERS: z
    .string()
    .transform((value) => value.split(/[\s,]+/).filter(Boolean))
    .refine((ids) => ids.every((id) => /^[UW][A-Z0-9_-]*$/.test(id)), {
      error: "must be Slack user ids split by commas, such as U024BE7LH,U0G9QF9C6",
    })
    .prefault(""),
  REMIND_BEFORE_MINUTES: number(0.001, ARGA_MAX_TTL_MINUTES).default(5),
  MAX_TTL_MINUTES: number(1, ARGA_MAX_TTL_MINUTES)
    .int({ error: "must be a whole number" })
    .default(ARGA_MAX_TTL_MINUTES),
});

type Environment = z.infer<typeof environment>;

/** They may be given as the path of a file, by a name with `_FILE` behind it. */
const SECRETS = [
  "SLACK_BOT_TOKEN",
  "SLACK_APP_TOKEN",
  "SLACK_SIGNING_SECRET",
  "ARGA_API_KEY",
  "REDIS_URL",
] as const satisfies readonly (keyof Environment)[];

/** Everything that the process was told from outside; frozen, secrets included. Never log it whole. */
export type Config = Readonly<{
  slack: Readonly<{
    botToken: string;
    apiUrl: string;
    /** How deliveries come in. A worker takes none in. */
    intake:
      | { mode: "socket"; appToken: string }
      | { mode: "http"; signingSecrets: readonly string[] }
      | { mode: "none" };
  }>;
  arga: Readonly<{ key: string; url: string }>;
  /** `prefix` starts every key; with a cluster it's in braces. */
  redis: Readonly<{ url: string; prefix: string }>;
  port: number;
  logLevel: Environment["LOG_LEVEL"];
  role: Environment["ROLE"];
  admins: ReadonlySet<string>;
  remindBeforeMs: number;
  maxTtlMinutes: number;
}>;

/** Reads the environment (docs/operations.md#settings). Throws {@link ConfigError} with every problem at once. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const { given, problems: unread } = withFiles(trimmed(env));
  const parsed = environment.safeParse(given);
  const broken = new Set(unread.map(({ name }) => name));
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues)
      .filter((issue) => !broken.has(issue.path.join(".")))
      .map(readable(given)),
    ...unread.map(({ problem }) => problem),
    ...unknownSettings(env),
    ...proxyProblems(env),
  ];
  const missing = broken.size === 0 ? intakeProblem(given) : undefined;
  if (missing) problems.push(missing);
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return frozen(fromEnvironment(parsed.data));
}

/** A line break or a space around a value comes from copying; quotes from a file that isn't a shell's. */
const trimmed = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );

/** Whether any secret is in a file. */
export const isFromFile = (env: NodeJS.ProcessEnv): boolean =>
  SECRETS.some((name) => Boolean(env[`${name}_FILE`]?.trim()));

/** Puts secrets in their places that stand in files. */
function withFiles(env: Record<string, string>): {
  given: Record<string, string>;
  problems: { name: string; problem: string }[];
} {
  const given = { ...env };
  const problems: { name: string; problem: string }[] = [];
  for (const name of SECRETS) {
    const file = env[`${name}_FILE`];
    if (file === undefined) continue;
    if (env[name] !== undefined) {
      problems.push({ name, problem: `${name} and ${name}_FILE are both set. Keep one of the two` });
      continue;
    }
    const secret = textOf(file);
    if (secret.text) given[name] = secret.text;
    else problems.push({ name, problem: `${name}_FILE names a file that ${secret.why}` });
  }
  return { given, problems };
}

function textOf(path: string): { text: string; why: string } {
  try {
    return { text: readFileSync(path, "utf8").trim(), why: "is empty" };
  } catch (error) {
    return { text: "", why: `can't be read (${(error as NodeJS.ErrnoException).code ?? "no reason given"})` };
  }
}

/** Variables that begin like ours and are none, each with the one that was probably meant. */
function unknownSettings(env: NodeJS.ProcessEnv): string[] {
  const known = [...Object.keys(environment.shape), ...SECRETS.map((name) => `${name}_FILE`)];
  return Object.keys(env).flatMap((name) => {
    // What Kubernetes and Docker put there for a service that is called like one of our prefixes.
    if (known.includes(name) || name.length > 40 || /_SERVICE_|_PORT(?:_|$)/.test(name)) return [];
    const near =
      known.find((each) => isNear(name, each)) ?? (OURS.test(name) ? closest(name, known) : undefined);
    return near === undefined
      ? []
      : [`${name} is not a setting. Did you mean ${near}? Unset it, or correct its name`];
  });
}

const OURS = /^(?:SLACK|ARGA|REDIS|ADMIN|REMIND|MAX_TTL)_/;

/** A slip, or an end that is missing. */
const isNear = (name: string, known: string): boolean =>
  known.startsWith(`${name}_`) ||
  name.toUpperCase() === known ||
  (known.length > 4 && distance(name, known) <= (known.length > 8 ? 2 : 1));

function frozen<T extends object>(part: T): T {
  for (const inner of Object.values(part)) if (typeof inner === "object" && inner !== null) frozen(inner);
  return Object.freeze(part);
}

/** One line for a person; a value is shown only where it cannot be a secret. */
const readable =
  (given: Record<string, unknown>) =>
  (issue: z.core.$ZodIssue): string => {
    const name = issue.path.join(".");
    return given[name] === undefined ? `${name} is not set` : `${name} ${issue.message}`;
  };

function intakeProblem(given: Record<string, unknown>): string | undefined {
  if (given.ROLE === "worker" || given.SLACK_APP_TOKEN || given.SLACK_SIGNING_SECRET) return undefined;
  return "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode) is not set. Set one of the two";
}

function intakeOf(env: Environment): Config["slack"]["intake"] {
  if (env.ROLE === "worker") return { mode: "none" };
  if (env.SLACK_APP_TOKEN) return { mode: "socket", appToken: env.SLACK_APP_TOKEN };
  return { mode: "http", signingSecrets: env.SLACK_SIGNING_SECRET ?? [] };
}

function fromEnvironment(env: Environment): Config {
  return {
    slack: { botToken: env.SLACK_BOT_TOKEN, apiUrl: withSlash(env.SLACK_API_URL), intake: intakeOf(env) },
    arga: { key: env.ARGA_API_KEY, url: env.ARGA_API_URL.replace(/(?<!\/)\/+$/, "") },
    redis: { url: env.REDIS_URL, prefix: keyPrefix(env) },
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    role: env.ROLE,
    admins: new Set(env.ADMIN_USERS),
    remindBeforeMs: env.REMIND_BEFORE_MINUTES * 60_000,
    maxTtlMinutes: env.MAX_TTL_MINUTES,
  };
}

/**
 * A cluster has to keep all keys of a bot in one slot, as its scripts change several together: the braces see to it
 * (docs/operations.md#cluster). Elsewhere the prefix stands as it always did.
 */
function keyPrefix({ REDIS_URL, REDIS_PREFIX }: Environment): string {
  const target = readRedisUrl(REDIS_URL);
  return typeof target !== "string" && target.mode === "cluster" ? `{${REDIS_PREFIX}}` : REDIS_PREFIX;
}

const withSlash = (base: string): string => (base.endsWith("/") ? base : `${base}/`);
