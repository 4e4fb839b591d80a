import type { Channel, User } from "../directory.ts";
import type { Json } from "../types.ts";
import type { World } from "../world.ts";

/** What every interactive payload begins with. */
export function common({ settings }: World, type: string, { id, name, home }: User): Json {
  const { team, app } = settings;
  return {
    type,
    user: { id, username: name, name, team_id: home?.team ?? team.id },
    api_app_id: app.appId,
    token: app.verificationToken,
    team,
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** Slack does not tell the names of private conversations to apps in payloads. */
export function channelName({ kind, name }: Channel): string {
  if (kind === "im") return "directmessage";
  return kind === "private" ? "privategroup" : name;
}

export function channelField(channel: Channel): Json {
  return { id: channel.id, name: channelName(channel) };
}

/** Seconds with six decimals. */
export function actionTs({ ids }: World): string {
  return ids.ts();
}
