import type { User } from "../directory.ts";
import { Refusal } from "../refusal.ts";
import type { Json, UserHome } from "../types.ts";
import type { World } from "../world.ts";
import { requireScope } from "./access.ts";
import type { Call, Methods } from "./method.ts";

export const peopleMethods: Methods = {
  "auth.test": { token: "bot", scopes: [], tier: "special", read: true, args: {}, run: authTest },
  "users.info": {
    token: "bot",
    scopes: ["users:read"],
    tier: 4,
    read: true,
    args: { user: "string", include_locale: "boolean" },
    required: ["user"],
    run: usersInfo,
  },
};

function authTest({ world }: Call): Json {
  const { team, app } = world.settings;
  return {
    url: `https://${team.domain}.slack.com/`,
    team: team.domain,
    user: app.botName,
    team_id: team.id,
    user_id: app.botUserId,
    bot_id: app.botId,
    is_enterprise_install: false,
  };
}

function usersInfo({ world, args }: Call): Json {
  requireScope(world, "users:read");
  const user = world.directory.userById(args.must("user"));
  if (user === undefined) throw new Refusal("user_not_found");
  return { user: presentUser(world, user) };
}

function presentUser({ settings }: World, { id, name, isBot, home }: User): Json {
  const realName = name.charAt(0).toUpperCase() + name.slice(1);
  return {
    id,
    team_id: home?.team ?? settings.team.id,
    name,
    real_name: realName,
    deleted: false,
    is_bot: isBot,
    is_app_user: false,
    is_admin: false,
    tz: "Europe/Berlin",
    tz_label: "Central European Time",
    tz_offset: 3600,
    profile: {
      real_name: realName,
      display_name: name,
      real_name_normalized: realName,
      team: home?.team ?? settings.team.id,
    },
    ...(home && !home.grid ? { is_stranger: true } : {}),
    ...(home?.grid ? { enterprise_user: gridUser(id, home, settings.team.id) } : {}),
  };
}

/** Somebody of the same Enterprise Grid, who is in both workspaces. */
const gridUser = (id: string, { team, grid }: UserHome, here: string): Json => ({
  id,
  enterprise_id: grid,
  enterprise_name: "Grid",
  is_admin: false,
  is_owner: false,
  teams: [team, here],
});
