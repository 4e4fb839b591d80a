import { HOME } from "../render/workspace.ts";
import { act } from "./server.js";

/**
 * Sends what was typed, as Slack's client would: a command, a direct message, a message.
 * The server makes tags of names and entities of special characters.
 */
export async function say(text, { me, workspace, place, thread }) {
  if (/^\/\S/.test(text)) return command(text, { me, workspace, place, thread });
  if (isDirect(workspace, place) && thread === undefined) return act("dm", { user: me, text });
  const where = { user: me, channel: place, thread_ts: thread };
  return act("post", { ...where, text });
}

function command(text, { me, workspace, place, thread }) {
  if (thread !== undefined) throw new Error("Slack takes no slash commands of apps in threads.");
  const [name, ...rest] = text.split(" ");
  const own = workspace.users.find(({ id }) => id === me)?.name;
  const channel = isDirect(workspace, place) ? `dm:${own}` : place;
  return act("command", { user: me, channel, command: name, text: rest.join(" ") });
}

function isDirect({ channels }, place) {
  const channel = channels.find(({ id }) => id === place);
  return place !== HOME && (channel === undefined || channel.kind === "im");
}
