import { messageOf } from "../../base/errors.ts";
import type { HomeOwner } from "../../store/app-home.ts";
import { homeDown } from "../../views/home.ts";
import type { HandlerContext } from "../shared/context.ts";
import type { EventHandler } from "../shared/handlers.ts";
import { welcomePerson } from "./welcome.ts";

/** The Home tab shows runs; the Messages tab is where a person is welcomed. */
export const appHomeOpened: EventHandler<"app_home_opened"> = async (context, { tab, user }, { team }) => {
  if (tab === "home") await homeOpened(context, { team, user });
  if (tab === "messages") await welcomePerson(context, team, user);
};

/** A person opened their Home: what is known is shown, and Arga is asked for the rest. Never throws. */
export async function homeOpened(context: HandlerContext, person: HomeOwner): Promise<void> {
  try {
    await context.homes.opened(person, Date.now());
    await context.queues.enqueue("home", { team: person.team, id: person.user });
  } catch (error) {
    context.logger.warn({ err: error }, "Couldn't load a Home");
    await showDown(context, person);
  }
}

/** Without Redis nothing is kept; opening it once more gets it right. */
async function showDown(context: HandlerContext, { team, user }: HomeOwner): Promise<void> {
  await context.slack
    .call(team, "views.publish", { user_id: user, view: homeDown() })
    .catch((error: unknown) =>
      context.logger.warn({ why: messageOf(error) }, "Couldn't show the Home's error either"),
    );
}
