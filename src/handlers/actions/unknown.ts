import { textContent } from "../../views/replies.ts";
import type { ActionHandler } from "../shared/handlers.ts";

const ON_A_HOME = "This button is out of date. Open this page again to see the ones that work.";
const ELSEWHERE = "This button is out of date. The card in the channel has the ones that work.";

/** A button of an older version, or one that was never ours. */
export const unknownAction: ActionHandler = async (_context, _interaction, { view }) =>
  textContent(view?.type === "home" ? ON_A_HOME : ELSEWHERE);
