import type { ModalView } from "@slack/types";
import {
  type FormContext,
  type TestPrefill,
  type TwinsPrefill,
  testForm,
  twinsForm,
} from "../../views/forms.ts";
import { limitsFor, settingsSafely } from "../operations/settings.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import { conversationInfo } from "../shared/conversation-info.ts";
import type { SourceMessage } from "../shared/handlers.ts";
import { openModal, updateModal } from "../shared/modals.ts";
import { prefillOf } from "./from-message.ts";

/** Opens the form of a twin run, without waiting for Arga. */
export async function openTwinsForm(
  context: HandlerContext,
  interaction: Interaction,
  prefill: TwinsPrefill = {},
): Promise<void> {
  await openDrawn(context, interaction, {
    draw: (context) => twinsForm(context, prefill),
    instead: "/arga twins stripe 60",
  });
  context.waitUntil(context.argaCache.scenarios.getFresh());
}

/** Fills an open form of a twin run in anew, in fields of other names: Slack would keep what stood in it. */
export function fillTwinsForm(
  context: HandlerContext,
  interaction: Interaction,
  view: string,
  prefill: TwinsPrefill,
): void {
  const again = Date.now().toString(36);
  updateModal(context, interaction, view, async () =>
    twinsForm({ ...(await contextOf(context, interaction)), again }, prefill),
  );
}

/** Opens the form of a test, without waiting for Arga. */
export async function openTestForm(
  context: HandlerContext,
  interaction: Interaction,
  prefill: TestPrefill = {},
): Promise<void> {
  const tests = prefill.saved ? await context.argaCache.tests.peekSafely() : undefined;
  const savedName = tests?.value.find(({ id }) => id === prefill.saved)?.name;
  await openDrawn(context, interaction, {
    draw: (context) => testForm(context, { ...prefill, savedName }),
    instead: TEST,
  });
  context.waitUntil(context.argaCache.tests.getFresh());
}

const TEST = "/arga test https://example.com what to test";

/** The same on a message, whose first link and text are filled in and whose thread hears of the end. */
export async function openTestFormFor(
  context: HandlerContext,
  interaction: Interaction,
  message: SourceMessage,
): Promise<void> {
  const prefill = prefillOf(message);
  const here = { ...interaction, reply: { ...interaction.reply, channel: message.channel } };
  await openDrawn(context, here, {
    draw: (context, isShut) => testForm(context, { ...prefill, isFromShut: isShut }),
    instead: TEST,
    from: message.channel,
  });
  context.waitUntil(context.argaCache.tests.getFresh());
}

interface Drawing {
  draw: (context: FormContext, isShut: boolean) => ModalView;
  instead: string;
  /** A channel that hears of the end as well. */
  from?: string;
}

/** Drawn with what was seen last, and once more with what Arga and Slack say now. */
async function openDrawn(
  context: HandlerContext,
  interaction: Interaction,
  { draw, instead, from }: Drawing,
): Promise<void> {
  const first = draw(await contextOf(context, interaction), false);
  const fill = async (): Promise<ModalView> => {
    const { catalog, plan } = context.argaCache;
    const [place, ...answers] = await Promise.all([
      from === undefined ? undefined : conversationInfo(context, interaction.team, from),
      catalog.getFresh(),
      plan.getFresh(),
    ]);
    const isAway = answers.some((answer) => !answer);
    return draw({ ...(await contextOf(context, interaction)), isAway }, place?.problem !== undefined);
  };
  openModal(context, interaction, { first, fill, instead });
}

async function contextOf(context: HandlerContext, interaction: Interaction): Promise<FormContext> {
  const [plan, settings] = await Promise.all([
    context.argaCache.plan.peekSafely(),
    settingsSafely(context, interaction),
  ]);
  const limits = await limitsFor(context, settings);
  return {
    limits,
    planName: plan?.value.name,
    // A Home and a global shortcut are in no channel.
    channel: interaction.reply.channel || settings.channel,
    presets: settings.presets.map(({ name }) => name),
  };
}
