import type { Scene } from "./scene.ts";
import { messagesOf } from "./seen.ts";

/** What the local Arga gives out as secrets of twins; none of it may stand anywhere but in one person's modal. */
const OF_TWINS = /ptk_\w{30,}|sk_test_\w{20,}|whsec_\w{20,}|ghp_\w{30,}/;

/** Where a secret was found: in Redis, in what the processes wrote, in messages. */
export async function secretsIn(scene: Scene): Promise<string[]> {
  const { slack, arga, redis, fleet } = scene;
  const ours = [slack.botToken, slack.appToken, slack.signingSecret, arga.key];
  const places = { Redis: await redis.master.dump(), "the log": fleet.output(), messages: messagesOf(scene) };
  return Object.entries(places).flatMap(([place, text]) =>
    ours.some((secret) => text.includes(secret)) || OF_TWINS.test(text) ? [place] : [],
  );
}
