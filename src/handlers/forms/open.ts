import type { ModalView } from "@slack/types";
import {
  type FormContext,
  type TestPrefill,
  type TwinsPrefill,
  testForm,
  twinsForm,
} from "../../views/forms.ts";
import type { Desk, Request } from "../shared/context.ts";
import { placeOf } from "../shared/conversation-info.ts";
import { lastSeen, newest } from "./cached.ts";
import { prefillOf, type SourceMessage } from "./from-message.ts";
import { openForm } from "./open-modal.ts";
import { limitsOf } from "./submit.ts";

/** Opens the form of a twin run, without waiting for Arga. */
export async function openTwinsForm(desk: Desk, request: Request, prefill: TwinsPrefill = {}): Promise<void> {
  await openDrawn(desk, request, {
    draw: (context) => twinsForm(context, prefill),
    instead: "/arga twins stripe 60",
  });
  desk.later(newest(desk, desk.knowledge.scenarios));
}

/** Opens the form of a test, without waiting for Arga. */
export async function openTestForm(desk: Desk, request: Request, prefill: TestPrefill = {}): Promise<void> {
  const tests = prefill.saved ? await lastSeen(desk, desk.knowledge.tests) : undefined;
  const savedName = tests?.value.find(({ id }) => id === prefill.saved)?.name;
  await openDrawn(desk, request, {
    draw: (context) => testForm(context, { ...prefill, savedName }),
    instead: TEST,
  });
  desk.later(newest(desk, desk.knowledge.tests));
}

const TEST = "/arga test https://example.com what to test";

/** The same on a message, whose first link and text are filled in and whose thread hears of the end. */
export async function openTestFormFor(desk: Desk, request: Request, message: SourceMessage): Promise<void> {
  const prefill = prefillOf(message);
  const here = { ...request, reply: { ...request.reply, channel: message.channel } };
  await openDrawn(desk, here, {
    draw: (context, isShut) => testForm(context, { ...prefill, isFromShut: isShut }),
    instead: TEST,
    from: message.channel,
  });
  desk.later(newest(desk, desk.knowledge.tests));
}

interface Drawing {
  draw: (context: FormContext, isShut: boolean) => ModalView;
  instead: string;
  /** A channel that hears of the end as well. */
  from?: string;
}

/** Drawn with what was seen last, and once more with what Arga and Slack say now. */
async function openDrawn(desk: Desk, request: Request, { draw, instead, from }: Drawing): Promise<void> {
  const first = draw(await contextOf(desk, request), false);
  const fill = async (): Promise<ModalView> => {
    const { catalog, plan } = desk.knowledge;
    const [place, ...answers] = await Promise.all([
      from === undefined ? undefined : placeOf(desk, request.team, from),
      newest(desk, catalog),
      newest(desk, plan),
    ]);
    const isAway = answers.some((answer) => !answer);
    return draw({ ...(await contextOf(desk, request)), isAway }, place?.problem !== undefined);
  };
  openForm(desk, request, { first, fill, instead });
}

async function contextOf(desk: Desk, request: Request): Promise<FormContext> {
  const plan = await lastSeen(desk, desk.knowledge.plan);
  return {
    limits: { ...limitsOf(desk), planTtlMinutes: plan?.value.maxTtlMinutes },
    planName: plan?.value.name,
    channel: request.reply.channel,
  };
}
