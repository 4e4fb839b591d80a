import { UsageError } from "../runs/grammar.ts";
import { refusal, says } from "../views/answers.ts";
import type { Content } from "../views/card.ts";
import { apology } from "./commands.ts";
import { showCredentials } from "./credentials.ts";
import type { Desk, Request } from "./desk.ts";
import { openAgain } from "./requests.ts";
import { demand } from "./wishes.ts";

/** A press, as far as it is believed: which element, in whose actions block, with which choice. */
export interface Press {
  actionId: string;
  blockId: string;
  choice: string | undefined;
}

/** The run that an actions block belongs to: `run:<short id>`, or `run:<short id>:<n>`. */
const runIdOf = (blockId: string): string | undefined => /^run:([a-z0-9]{1,20})(?::\d+)?$/.exec(blockId)?.[1];

/** Carries out a press; what it returns is shown to the presser alone. Never throws. */
export async function runPress(desk: Desk, request: Request, press: Press): Promise<Content | undefined> {
  try {
    return await carryOut(desk, request, press);
  } catch (error) {
    return apology(desk, error);
  }
}

async function carryOut(desk: Desk, request: Request, press: Press): Promise<Content | undefined> {
  const id = runIdOf(press.blockId);
  const run = id ? await desk.store.get({ team: request.team, id }) : undefined;
  if (!run) return refusal("I do not know this run any more.", "/arga list");
  switch (press.actionId) {
    case "run.extend":
      return await demand(desk, request, run, { action: "extend", minutes: chosenMinutes(desk, press) });
    case "run.lock":
      return await demand(desk, request, run, { action: "lock" });
    case "run.reset":
      return await demand(desk, request, run, { action: "reset" });
    case "run.teardown":
      return await demand(desk, request, run, { action: "teardown" });
    case "run.credentials":
      return await showCredentials(desk, request, run);
    case "run.rerun":
      return await openAgain(desk, request, run);
    case "run.dashboard":
      return undefined;
    default:
      return says("I do not know this button any more. The card in the channel has the ones that work.");
  }
}

/** A payload can be made up by whoever holds the signing secret; what it says is held to the same limits. */
function chosenMinutes(desk: Desk, press: Press): number {
  const minutes = Number(press.choice);
  const { maxTtlMinutes } = desk.config;
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= maxTtlMinutes) return minutes;
  throw new UsageError(
    `That is no time from the menu; 1 to ${maxTtlMinutes} minutes can be asked for.`,
    "/arga list",
  );
}
