import type { App as BoltApp } from "@slack/bolt";
import { messageOf } from "../../base/errors.ts";
import { LISTS, type Person } from "../../store/app-home.ts";
import { type Content, plainly } from "../../views/card.ts";
import { homeDown } from "../../views/home.ts";
import { says } from "../../views/replies.ts";
import type { Desk, Request } from "../shared/context.ts";

/** The forms that are opened from a Home. */
export interface HomeForms {
  twins: (desk: Desk, request: Request) => Promise<void>;
  test: (desk: Desk, request: Request, prefill?: { saved: string }) => Promise<void>;
}

/** Slack has its acknowledgement of an event before any listener runs. */
export function onHome(app: BoltApp, desk: Desk): void {
  app.event("app_home_opened", async ({ event, body, context }) => {
    const team = context.teamId ?? body.team_id;
    if (event.tab === "home") await homeOpened(desk, { team, user: event.user });
  });
}

/** Somebody opened their Home: what is known is shown, and Arga is asked for the rest. Never throws. */
export async function homeOpened(desk: Desk, person: Person): Promise<void> {
  try {
    await desk.homes.opened(person, Date.now());
    await show(desk, person);
  } catch (error) {
    desk.logger.warn({ err: error }, "A Home could not be looked up");
    await showDown(desk, person);
  }
}

const show = (desk: Desk, { team, user }: Person): Promise<void> =>
  desk.queues.poke("home", { team, id: user });

/** Nobody keeps count without Redis; whoever opens it once more gets it right. */
async function showDown(desk: Desk, { team, user }: Person): Promise<void> {
  await desk.slack
    .call(team, "views.publish", { user_id: user, view: homeDown() })
    .catch((error: unknown) => desk.logger.warn({ why: messageOf(error) }, "Nor could that be shown"));
}

/** Answers a press on a Home there; false: nobody looks at it any more, so it must be told otherwise. */
export async function sayAtHome(desk: Desk, person: Person, content: Content): Promise<boolean> {
  if (!(await desk.homes.say(person, plainly(content).blocks))) return false;
  await show(desk, person);
  return true;
}

/** A press, as far as Homes have use for it: the second part of its `action_id`, and its value. */
export interface HomePress {
  name: string;
  choice: string | undefined;
}

/** Carries out a press on a Home. Returns what to tell the presser. */
export async function pressHome(
  desk: Desk,
  request: Request,
  press: HomePress,
  forms: HomeForms,
): Promise<Content | undefined> {
  switch (press.name) {
    case "twins":
      await forms.twins(desk, request);
      return undefined;
    case "test":
      await forms.test(desk, request);
      return undefined;
    case "run":
      return await runSaved(desk, request, press, forms);
    case "page":
      return await turn(desk, request, press);
    default:
      return UNKNOWN;
  }
}

const UNKNOWN = says("I do not know this button any more. Open this page again to see those that work.");

/** There is no channel to run it in: the form asks for one. */
async function runSaved(
  desk: Desk,
  request: Request,
  { choice }: HomePress,
  forms: HomeForms,
): Promise<Content | undefined> {
  if (!choice || !/^\S{1,150}$/.test(choice)) return UNKNOWN;
  await forms.test(desk, request, { saved: choice });
  return undefined;
}

async function turn(desk: Desk, request: Request, { choice }: HomePress): Promise<Content | undefined> {
  const [, name, page] = /^(\w+):(\d{1,4})$/.exec(choice ?? "") ?? [];
  const list = LISTS.find((each) => each === name);
  if (!list) return UNKNOWN;
  const person = personOf(request);
  await desk.homes.turned(person, list, Number(page));
  await show(desk, person);
  return undefined;
}

const personOf = ({ team, actor }: Request): Person => ({ team, user: actor.id });
