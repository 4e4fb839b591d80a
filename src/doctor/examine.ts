import { type Config, ConfigError, readConfig } from "../base/config.ts";
import { keepHidden, redacted } from "../base/redact.ts";
import { PrefixTaken } from "../store/prefix-claim.ts";
import { examineArga } from "./arga.ts";
import { bad, type Finding, ok } from "./finding.ts";
import { examineProgram, examineRunning } from "./process.ts";
import { examineRedis } from "./redis.ts";
import { examineSlack } from "./slack.ts";

/** Looks at everything that can be wrong, from the environment on, as `npm run doctor` shows it. Never throws. */
export async function examineAll(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const config = configOf(env);
  if (Array.isArray(config)) return [...examineProgram(env), ...config];
  const [running, parts] = await Promise.all([examineRunning(config), examineParts(config)]);
  const settings = ok("settings", `All settings can be used; the role is ${config.role}`);
  return [...examineProgram(env), ...running.map(withoutSecrets), settings, ...parts];
}

/** Looks at Redis, Slack and Arga with the settings of a bot, side by side: each is looked at though others are down. */
export async function examineParts(config: Config): Promise<Finding[]> {
  keepHidden(config);
  const [redis, slack, arga] = await Promise.all([
    examineRedis(config),
    examineSlack(config),
    examineArga(config),
  ]);
  const { prefix } = config.redis;
  const isTaken = redis.owner !== null && slack.bot !== undefined && redis.owner !== slack.bot;
  const taken = isTaken
    ? [bad("redis", new PrefixTaken(prefix, redis.owner ?? "", slack.bot ?? "").message)]
    : [];
  return [...redis.findings, ...taken, ...slack.findings, ...arga].map(withoutSecrets);
}

function configOf(env: NodeJS.ProcessEnv): Config | Finding[] {
  try {
    return readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) =>
      bad("settings", problem, "Fix it first: Redis, Slack and Arga weren't looked at"),
    );
  }
}

const withoutSecrets = ({ says, ...rest }: Finding): Finding => ({ ...rest, says: redacted(says) });
