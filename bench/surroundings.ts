import { startArga } from "../sim/arga/server.ts";
import { startSlack } from "../sim/slack/server.ts";

/** A local Slack and a local Arga as a process of their own: what they do must not hold up whoever takes the time. */
const slack = await startSlack({ rateLimits: false });
const arga = await startArga({ speed: 1 });
const { botToken, signingSecret, apiUrl, teamId } = slack;
const around: Surroundings = {
  slack: { botToken, signingSecret, apiUrl, teamId },
  arga: { key: arga.key, url: arga.url },
};
process.stdout.write(`${JSON.stringify(around)}\n`);

/** What it writes on its first line. */
export interface Surroundings {
  slack: { botToken: string; signingSecret: string; apiUrl: string; teamId: string };
  arga: { key: string; url: string };
}
