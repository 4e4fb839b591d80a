import {
  App,
  type Context as BoltContext,
  type Receiver,
  type SlackActionMiddlewareArgs,
  type SlackCommandMiddlewareArgs,
} from "@slack/bolt";
import type { Identity } from "../slack/identity.ts";
import { type EventName, SLASH_COMMAND } from "../slack/ids.ts";
import { slackLogger } from "../slack/logger.ts";
import type { BotTokens } from "../slack/tokens.ts";
import { basicContent } from "../views/card.ts";
import { actions, runAction } from "./actions/index.ts";
import { unknownAction } from "./actions/unknown.ts";
import { runCommand } from "./commands/run-command.ts";
import { unknownCommand } from "./commands/unknown.ts";
import { events } from "./events/index.ts";
import { options } from "./options/index.ts";
import type { HandlerContext } from "./shared/context.ts";
import type {
  ActionHandler,
  BlockAction,
  EventDelivery,
  OpenView,
  SourceMessage,
  Submission,
} from "./shared/handlers.ts";
import { commandInteraction, type InteractivePayload, payloadInteraction } from "./shared/interaction.ts";
import { isFromOutside, refuseOutsider } from "./shared/outsiders.ts";
import type { Ahead } from "./shared/read-ahead.ts";
import { answerOnce } from "./shared/tell.ts";
import { shortcuts } from "./shortcuts/index.ts";
import { views } from "./views/index.ts";

export interface BoltOptions {
  context: HandlerContext;
  receiver: Receiver;
  identity: Identity;
  tokens: BotTokens;
}

/** Bolt, with every handler registered by its id, and one for each surface for what has none. */
export function boltApp({ context, receiver, identity, tokens }: BoltOptions): App {
  const app = new App({
    receiver,
    authorize: async ({ teamId }) => ({
      botToken: tokens.of(teamId ?? identity.team),
      botId: identity.botId,
      botUserId: identity.botUserId,
      teamId: teamId ?? identity.team,
    }),
    logger: slackLogger(context.logger),
    convoStore: false,
  });
  app.use(async ({ body, next, ...rest }) => {
    if (await isFromOutside(context, body, identity.team)) await refuseOutsider(context, body, rest);
    else await next();
  });
  onCommands(app, context);
  onActions(app, context);
  onViews(app, context);
  onOptions(app, context);
  onShortcuts(app, context);
  onEvents(app, context);
  return app;
}

const exactly = (id: string, suffix = ""): RegExp => new RegExp(`^${id.replaceAll(".", "\\.")}${suffix}$`);

/** An `action_id`, also with the suffix that makes it unique in its message. */
const withSuffix = (id: string): RegExp => exactly(id, "(?:\\.[\\w-]+)?");

/** What has no handler here. Bolt calls every listener that matches, not only the first. */
function otherThan(handlers: object, pattern: (id: string) => RegExp = exactly): RegExp {
  const known = Object.keys(handlers).map((id) => pattern(id).source);
  return new RegExp(`^(?!${known.join("|")})`);
}

/**
 * As a global middleware: Bolt asks every listener of every surface, one of ours for each id, whether a delivery is its own,
 * which takes it longer than all that we do for a command.
 */
function onCommands(app: App, context: HandlerContext): void {
  app.use(async ({ body, context: bolt, next, ...rest }) => {
    if (!("command" in body)) return await next();
    const { command, ack } = rest as unknown as SlackCommandMiddlewareArgs;
    const handle = command.command === SLASH_COMMAND ? runCommand : unknownCommand;
    const content = await handle(context, commandInteraction(command, bolt as Ahead), command.text ?? "");
    await ack(content && { response_type: "ephemeral", ...basicContent(content) });
  });
}

function onActions(app: App, context: HandlerContext): void {
  const listener =
    (handle: ActionHandler) =>
    async ({ body, action, ack }: SlackActionMiddlewareArgs): Promise<void> => {
      const interaction = payloadInteraction(body as InteractivePayload);
      const content = await runAction(handle, context, interaction, blockAction(body, action));
      await ack();
      if (content) context.waitUntil(answerOnce(context, interaction, content));
    };
  for (const [id, handle] of Object.entries(actions)) app.action(withSuffix(id), listener(handle));
  app.action(otherThan(actions, withSuffix), listener(unknownAction));
}

function blockAction(body: unknown, action: unknown): BlockAction {
  const { view } = body as {
    view?: { id?: string; private_metadata?: string; type?: string; state?: Pick<OpenView, "values"> };
  };
  const { block_id, value, selected_option } = action as {
    block_id?: string;
    value?: string;
    selected_option?: { value?: string } | null;
  };
  return {
    blockId: block_id ?? "",
    value: selected_option?.value ?? value,
    view: view?.id
      ? {
          id: view.id,
          metadata: view.private_metadata ?? "",
          type: view.type,
          values: view.state?.values,
        }
      : undefined,
  };
}

function onViews(app: App, context: HandlerContext): void {
  for (const [id, handle] of Object.entries(views))
    app.view(id, async ({ body, ack }) => {
      const { view } = body as { view: { id: string; private_metadata?: string; state?: unknown } };
      const { values = {} } = (view.state ?? {}) as Pick<Submission, "values">;
      const submission = { id: view.id, metadata: view.private_metadata ?? "", values };
      await ack(await handle(context, payloadInteraction(body as InteractivePayload), submission));
    });
  app.view(otherThan(views), async ({ ack }) => ack());
}

function onOptions(app: App, context: HandlerContext): void {
  for (const [id, handle] of Object.entries(options))
    app.options(id, async ({ options: { value }, ack }) =>
      ack({ options: await handle(context, value ?? "") }),
    );
  app.options(otherThan(options), async ({ ack }) => ack({ options: [] }));
}

function onShortcuts(app: App, context: HandlerContext): void {
  for (const [id, handle] of Object.entries(shortcuts))
    app.shortcut(id, async ({ body, ack }) => {
      await handle(context, payloadInteraction(body as InteractivePayload), sourceMessage(body));
      await ack();
    });
  app.shortcut(otherThan(shortcuts), async ({ ack }) => ack());
}

function sourceMessage(body: unknown): SourceMessage | undefined {
  const { channel, message } = body as {
    channel?: { id: string };
    message?: { ts?: string; thread_ts?: string; text?: string };
  };
  if (!channel || !message?.ts) return undefined;
  const { text = "", ts, thread_ts: threadTs } = message;
  return { text, channel: channel.id, ts, threadTs };
}

/** Bolt acknowledges every event by itself, also one without a listener. */
function onEvents(app: App, context: HandlerContext): void {
  for (const name of Object.keys(events) as EventName[]) onEvent(app, context, name);
}

function onEvent<E extends EventName>(app: App, context: HandlerContext, name: E): void {
  app.event(name, async ({ event, body, context: bolt }) =>
    events[name](context, event, eventDelivery(body, bolt)),
  );
}

function eventDelivery(body: unknown, { teamId, botUserId, retryNum }: BoltContext): EventDelivery {
  const { team_id, is_ext_shared_channel } = body as { team_id: string; is_ext_shared_channel?: boolean };
  return {
    team: teamId ?? team_id,
    botUserId: botUserId ?? "",
    isRetry: (retryNum ?? 0) > 0,
    isExternallyShared: is_ext_shared_channel === true,
  };
}
