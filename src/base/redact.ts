import type { Config } from "./config.ts";
import { passwordsIn } from "./redis-url.ts";

/** Shorter ones would take harmless words out of every text. */
const SHORTEST = 6;
/** Every secret that this process has had: an old one may still be in what is written after it was replaced. */
const hidden = new Set<string>();

function secretsOf({ slack, arga, redis }: Config): string[] {
  const { botToken, intake } = slack;
  return [
    botToken,
    arga.key,
    ...(intake.mode === "http" ? intake.signingSecrets : []),
    ...(intake.mode === "socket" ? [intake.appToken] : []),
    ...passwordsIn(redis.url),
  ];
}

/** From now on, {@link redacted} takes these secrets out of texts. */
export function keepHidden(config: Config): void {
  for (const secret of secretsOf(config)) if (secret.length >= SHORTEST) hidden.add(secret);
}

/** Takes the process's own secrets out of a text: the last net under whatever is written. */
export function redacted(text: string): string {
  let rest = text;
  for (const secret of hidden) rest = rest.replaceAll(secret, "[secret]");
  return rest;
}
