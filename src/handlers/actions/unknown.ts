import { textContent } from "../../views/replies.ts";
import type { ActionHandler } from "../shared/handlers.ts";

const ON_A_HOME = "I do not know this button any more. Open this page again to see those that work.";
const ELSEWHERE = "I do not know this button any more. The card in the channel has the ones that work.";

/** A button of an older version, or one that was never ours. */
export const unknownAction: ActionHandler = async (_context, _interaction, { view }) =>
  textContent(view?.type === "home" ? ON_A_HOME : ELSEWHERE);
