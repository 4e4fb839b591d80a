import type { Config } from "./config.ts";

/** Shorter ones would take harmless words out of every text. */
const SHORTEST = 6;

function secretsOf({ slack, arga, redis }: Config): string[] {
  const { botToken, intake } = slack;
  const { password } = new URL(redis.url);
  return [
    botToken,
    arga.key,
    ...(intake.mode === "http" ? intake.signingSecrets : []),
    ...(intake.mode === "socket" ? [intake.appToken] : []),
    password,
    decodeURIComponent(password),
  ].filter((secret) => secret.length >= SHORTEST);
}

/** Takes the process's own secrets out of texts: the last net under whatever is written. */
export function redactor(config: Config): (text: string) => string {
  const secrets = secretsOf(config);
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}
