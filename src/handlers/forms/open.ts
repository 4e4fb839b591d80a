import type { ModalView } from "@slack/types";
import {
  type FormContext,
  sandboxForm,
  type TestPrefill,
  type TwinsPrefill,
  testForm,
  twinsForm,
  validateForm,
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
  const savedName = await savedNameOf(context, prefill);
  await openDrawn(context, interaction, {
    draw: (context) => testForm(context, { ...prefill, savedName }),
    instead: TEST,
  });
  context.waitUntil(context.argaCache.tests.getFresh());
}

/** Draws an open form of a test anew, after a saved one was chosen or left. */
export async function redrawTestForm(
  context: HandlerContext,
  interaction: Interaction,
  view: string,
  prefill: TestPrefill,
): Promise<void> {
  const [savedName, place] = await Promise.all([
    savedNameOf(context, prefill),
    prefill.from && conversationInfo(context, interaction.team, prefill.from.channel),
  ]);
  const isFromShut = place?.problem !== undefined;
  redrawForm(context, interaction, view, (drawing) =>
    testForm(drawing, { ...prefill, savedName, isFromShut }),
  );
}

/** Draws an open form anew: what was filled in stays in the fields that stay. */
export function redrawForm(
  context: HandlerContext,
  interaction: Interaction,
  view: string,
  draw: (drawing: FormContext) => ModalView,
): void {
  updateModal(context, interaction, view, async () => draw(await contextOf(context, interaction)));
}

async function savedNameOf(context: HandlerContext, { saved }: TestPrefill): Promise<string | undefined> {
  const tests = saved ? await context.argaCache.tests.peekSafely() : undefined;
  return tests?.value.find(({ id }) => id === saved)?.name;
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

/** Opens the form of a validation, without waiting for Arga. */
export async function openValidateForm(context: HandlerContext, interaction: Interaction): Promise<void> {
  const instead = "/arga validate https://example.com";
  await openDrawn(context, interaction, { draw: (drawing) => validateForm(drawing), instead });
}

/** Opens the form of a sandbox, without waiting for Arga. */
export async function openSandboxForm(context: HandlerContext, interaction: Interaction): Promise<void> {
  const instead = "/arga sandbox acme/shop main";
  await openDrawn(context, interaction, { draw: (drawing) => sandboxForm(drawing), instead });
  context.waitUntil(context.argaCache.scenarios.getFresh());
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
