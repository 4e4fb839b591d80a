import { createHash } from "node:crypto";
import bolt, { type App as BoltApp, type Receiver, type ViewResponseAction } from "@slack/bolt";
import type { Identity } from "../slack/identity.ts";
import { slackLogger } from "../slack/logger.ts";
import type { TokenOf } from "../slack/web.ts";
import { basicContent } from "../views/card.ts";
import { CALLBACK } from "../views/subscriptions.ts";
import { type Press, runPress } from "./actions/actions.ts";
import { runCommand } from "./commands/commands.ts";
import { onHome } from "./events/app-home.ts";
import { onLinks } from "./events/link-shared.ts";
import { onMentions } from "./events/mentions.ts";
import { onWelcome } from "./events/welcome.ts";
import { onForms } from "./forms/listeners.ts";
import { submitNotify } from "./forms/notify.ts";
import {
  type HandlerContext,
  type Interaction,
  isHidden,
  type OpenView,
  type Submission,
} from "./shared/context.ts";
import { replyToUser } from "./shared/tell.ts";

export interface BoltOptions {
  context: HandlerContext;
  receiver: Receiver;
  identity: Identity;
  tokenOf: TokenOf;
}

/** Bolt, with every listener of the bot. What Slack delivers and nobody here knows is acknowledged all the same. */
export function boltApp({ context, receiver, identity, tokenOf }: BoltOptions): BoltApp {
  const app = new bolt.App({
    receiver,
    authorize: async ({ teamId }) => ({
      botToken: await tokenOf(teamId ?? identity.team),
      botId: identity.botId,
      botUserId: identity.botUserId,
      teamId: teamId ?? identity.team,
    }),
    logger: slackLogger(context.logger),
    convoStore: false,
  });
  onCommands(app, context);
  onPresses(app, context);
  onHome(app, context);
  onNotifyForm(app, context);
  onForms(app, context, (body) => requestOf(body as PressBody, {}));
  onMentions(app, context);
  onLinks(app, context);
  onWelcome(app, context);
  app.view(/^(?!arga_(notify|twins|test)$)/, async ({ ack }) => ack());
  return app;
}

function onCommands(app: BoltApp, context: HandlerContext): void {
  app.command(/.*/, async ({ command, ack }) => {
    const reply = {
      user: command.user_id,
      channel: command.channel_id,
      url: command.response_url,
      at: Date.now(),
    };
    const content = await runCommand(
      context,
      {
        team: command.team_id,
        actor: {
          id: command.user_id,
          name: command.user_name ?? command.user_id,
          channel: command.channel_id,
        },
        reply,
        key: keyOf(command.trigger_id),
        trigger: command.trigger_id,
        hidden: isHidden(command.channel_name),
      },
      command.text ?? "",
    );
    await ack(content && { response_type: "ephemeral", ...basicContent(content) });
  });
}

/** What is used of a `block_actions` payload. */
interface PressBody {
  trigger_id?: string;
  response_url?: string;
  user: { id: string; name?: string; username?: string; team_id?: string };
  team?: { id: string } | null;
  channel?: { id: string; name?: string };
  view?: { id?: string; private_metadata?: string; type?: string };
}

interface PressedElement {
  action_id?: string;
  block_id?: string;
  action_ts?: string;
  value?: string;
  selected_option?: { value?: string } | null;
}

function onPresses(app: BoltApp, context: HandlerContext): void {
  app.action(/.*/, async ({ body, action, ack }) => {
    const element = action as PressedElement;
    const interaction = requestOf(body as PressBody, element);
    const content = await runPress(context, interaction, {
      ...pressOf(element),
      view: viewOf(body as PressBody),
    });
    await ack();
    if (content) context.waitUntil(replyToUser(context, interaction, content));
  });
}

function onNotifyForm(app: BoltApp, context: HandlerContext): void {
  app.view({ callback_id: CALLBACK, type: "view_submission" }, async ({ body, view, ack }) => {
    const form = { id: view.id, metadata: view.private_metadata, values: view.state.values };
    const answer = await submitNotify(context, requestOf(body as PressBody, {}), form as Submission);
    if (!answer) return await ack();
    await ack({ response_action: "errors" in answer ? "errors" : "update", ...answer } as ViewResponseAction);
  });
}

function requestOf(body: PressBody, element: PressedElement): Interaction {
  const channel = body.channel?.id ?? "";
  const now = Date.now();
  const url = body.response_url ? { url: body.response_url } : {};
  return {
    team: body.team?.id ?? body.user.team_id ?? "",
    actor: { id: body.user.id, name: body.user.username ?? body.user.name ?? body.user.id, channel },
    reply: { user: body.user.id, channel, ...url, at: now },
    key: keyOf(body.trigger_id ?? `${body.user.id} ${element.action_id} ${element.action_ts}`),
    trigger: body.trigger_id ?? "",
    // Of a modal it is not known where its person is.
    hidden: body.channel?.name === undefined || isHidden(body.channel.name),
  };
}

const viewOf = ({ view }: PressBody): OpenView | undefined =>
  view?.id ? { id: view.id, metadata: view.private_metadata ?? "", type: view.type } : undefined;

/** Short, and of no use to whoever reads it in a message's metadata. */
const keyOf = (trigger: string): string =>
  createHash("sha256").update(trigger).digest("base64url").slice(0, 16);

const pressOf = (element: PressedElement): Press => ({
  actionId: element.action_id ?? "",
  blockId: element.block_id ?? "",
  choice: element.selected_option?.value ?? element.value,
});
