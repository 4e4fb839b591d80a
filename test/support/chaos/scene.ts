import type { Arga, ArgaOptions } from "../../../sim/arga/server.ts";
import { startArga } from "../../../sim/arga/server.ts";
import { type Slack, startSlack } from "../../../sim/slack/server.ts";
import { Fleet, type Role } from "./fleet.ts";
import { type Random, randomFrom } from "./random.ts";
import { RedisPair } from "./redis-pair.ts";
import { ADMIN, TOWN } from "./town.ts";

/** All that a run of chaos happens in. */
export interface Scene {
  slack: Slack;
  arga: Arga;
  redis: RedisPair;
  fleet: Fleet;
  random: Random;
  stop(): Promise<void>;
}

/** A minute at Arga takes five seconds, and no run lasts longer than four of them. */
const BRISK: ArgaOptions = { speed: 12, provisionSeconds: 6, cleanupSeconds: 3, runSeconds: 20 };
/** Slack's signature may be a minute ahead at most, so that a clock which is farther behind would refuse everything. */
const JUMP_MS: Record<Role, number> = { web: -45_000, worker: 120_000 };

export async function startScene(seed: number, roles: readonly Role[]): Promise<Scene> {
  const [slack, arga, redis] = await Promise.all([startSlack(TOWN), startArga(BRISK), RedisPair.start()]);
  const admins = [slack.user(ADMIN).id];
  const fleet = new Fleet({ slack, arga, redis, admins, jumpMs: JUMP_MS });
  const stop = async (): Promise<void> => {
    await fleet.stop();
    await Promise.all([slack.close(), arga.close(), redis.stop()]);
  };
  // What does not start leaves nothing behind.
  await fleet.start(roles).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { slack, arga, redis, fleet, random: randomFrom(seed), stop };
}
