import type { App as BoltApp } from "@slack/bolt";
import { messageOf } from "../../base/errors.ts";
import { type HomeOwner, LISTS } from "../../store/app-home.ts";
import type { Content } from "../../views/card.ts";
import { homeDown } from "../../views/home.ts";
import { textContent } from "../../views/replies.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";

/** The forms that are opened from a Home. */
export interface HomeForms {
  twins: (context: HandlerContext, interaction: Interaction) => Promise<void>;
  test: (context: HandlerContext, interaction: Interaction, prefill?: { saved: string }) => Promise<void>;
}

/** Slack has its acknowledgement of an event before any listener runs. */
export function onHome(app: BoltApp, context: HandlerContext): void {
  app.event("app_home_opened", async ({ event, body, context: { teamId } }) => {
    const team = teamId ?? body.team_id;
    if (event.tab === "home") await homeOpened(context, { team, user: event.user });
  });
}

/** Somebody opened their Home: what is known is shown, and Arga is asked for the rest. Never throws. */
export async function homeOpened(context: HandlerContext, person: HomeOwner): Promise<void> {
  try {
    await context.homes.opened(person, Date.now());
    await show(context, person);
  } catch (error) {
    context.logger.warn({ err: error }, "A Home could not be looked up");
    await showDown(context, person);
  }
}

const show = (context: HandlerContext, { team, user }: HomeOwner): Promise<void> =>
  context.queues.enqueue("home", { team, id: user });

/** Nobody keeps count without Redis; whoever opens it once more gets it right. */
async function showDown(context: HandlerContext, { team, user }: HomeOwner): Promise<void> {
  await context.slack
    .call(team, "views.publish", { user_id: user, view: homeDown() })
    .catch((error: unknown) => context.logger.warn({ why: messageOf(error) }, "Nor could that be shown"));
}

/** A press, as far as Homes have use for it: the second part of its `action_id`, and its value. */
export interface HomePress {
  name: string;
  choice: string | undefined;
}

/** Carries out a press on a Home. Returns what to tell the presser. */
export async function pressHome(
  context: HandlerContext,
  interaction: Interaction,
  press: HomePress,
  forms: HomeForms,
): Promise<Content | undefined> {
  switch (press.name) {
    case "twins":
      await forms.twins(context, interaction);
      return undefined;
    case "test":
      await forms.test(context, interaction);
      return undefined;
    case "run":
      return await runSaved(context, interaction, press, forms);
    case "page":
      return await turn(context, interaction, press);
    default:
      return UNKNOWN;
  }
}

const UNKNOWN = textContent(
  "I do not know this button any more. Open this page again to see those that work.",
);

/** There is no channel to run it in: the form asks for one. */
async function runSaved(
  context: HandlerContext,
  interaction: Interaction,
  { choice }: HomePress,
  forms: HomeForms,
): Promise<Content | undefined> {
  if (!choice || !/^\S{1,150}$/.test(choice)) return UNKNOWN;
  await forms.test(context, interaction, { saved: choice });
  return undefined;
}

async function turn(
  context: HandlerContext,
  interaction: Interaction,
  { choice }: HomePress,
): Promise<Content | undefined> {
  const [, name, page] = /^(\w+):(\d{1,4})$/.exec(choice ?? "") ?? [];
  const list = LISTS.find((each) => each === name);
  if (!list) return UNKNOWN;
  const person = personOf(interaction);
  await context.homes.turned(person, list, Number(page));
  await show(context, person);
  return undefined;
}

const personOf = ({ team, actor }: Interaction): HomeOwner => ({ team, user: actor.id });
