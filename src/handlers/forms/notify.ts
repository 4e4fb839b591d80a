import { CodedError } from "../../base/errors.ts";
import { UsageError } from "../../kinds/grammar.ts";
import { kindNames } from "../../kinds/index.ts";
import { isRepo } from "../../kinds/targets.ts";
import { conflictOf, type Filters } from "../../notices/notices.ts";
import { EVENTS } from "../../runs/run.ts";
import type { ChannelRef } from "../../store/subscriptions.ts";
import type { Content } from "../../views/card.ts";
import { FIELDS, notifyModal, numbered, removalOf } from "../../views/subscriptions.ts";
import { channelNotices, type NotifyContext, subscribe, unsubscribe } from "../operations/subscriptions.ts";
import type { FieldValue, FormAnswer, Interaction, OpenView, Submission } from "../shared/context.ts";
import { conversationInfo } from "../shared/conversation-info.ts";
import { openAndFill, replaceView } from "../shared/modals.ts";

/** Opens the form of the channel in which it was asked for. */
export async function openNotify(
  context: NotifyContext,
  interaction: Interaction,
): Promise<Content | undefined> {
  const { channel } = interaction.reply;
  const first = notifyModal(channel, await channelNotices(context, { team: interaction.team, channel }));
  openAndFill(context, interaction, { first });
  return undefined;
}

/** A press of Remove in the form; `choice` is that button's value. */
export async function removeNotify(
  context: NotifyContext,
  interaction: Interaction,
  choice: string | undefined,
  view: OpenView,
): Promise<Content | undefined> {
  const address = addressIn(interaction, view.metadata);
  await unsubscribe(context, interaction, address, (each) => removalOf(each) === choice);
  replaceView(context, interaction, view.id, async () =>
    notifyModal(address.channel, await channelNotices(context, address)),
  );
  return undefined;
}

/** Subscribes as the form says. What is wrong stands under its field; otherwise the form shows what there is now. */
export async function submitNotify(
  context: NotifyContext,
  interaction: Interaction,
  form: Submission,
): Promise<FormAnswer> {
  try {
    const filters = filtersIn(form, interaction.actor.id);
    if ("field" in filters) return wrong(filters.field, filters.why);
    const address = addressIn(interaction, form.metadata);
    const { hidden } = await conversationInfo(context, address.team, address.channel);
    const added = await subscribe(context, { ...interaction, hidden }, address, filters);
    if (!added) return undefined;
    const said = `${added.isNew ? "Added" : "It is there already"}: ${numbered(added.subscription)}`;
    return { view: notifyModal(address.channel, await channelNotices(context, address), said) };
  } catch (error) {
    if (!(error instanceof UsageError)) context.logger.error({ err: error }, "A form could not be taken");
    return wrong(
      FIELDS.events,
      error instanceof CodedError ? error.message : "That did not work. Try again.",
    );
  }
}

const wrong = (field: string, why: string): FormAnswer => ({ errors: { [field]: why } });

interface Wrong {
  field: string;
  why: string;
}

function filtersIn({ values }: Submission, user: string): Filters | Wrong {
  const fieldOf = (name: string): FieldValue => values[name]?.[name] ?? {};
  const has = (field: string, value: string): boolean =>
    fieldOf(field).selected_options?.some((option) => option.value === value) ?? false;
  const repo = fieldOf(FIELDS.repo).value?.trim() ?? "";
  const filters: Filters = {
    events: EVENTS.filter((event) => has(FIELDS.events, event)),
    kinds: kindNames.filter((kind) => has(FIELDS.kinds, kind)),
    ...(repo ? { repo } : {}),
    ...(has(FIELDS.only, "mine") ? { mine: user } : {}),
    ...(has(FIELDS.only, "all") ? { all: true as const } : {}),
  };
  if (filters.events.length === 0) return { field: FIELDS.events, why: "Choose at least one." };
  if (repo && !isRepo(repo)) return { field: FIELDS.repo, why: "Write it as owner/name." };
  return conflictOf(filters) ?? filters;
}

/** The channel of a form; whoever could open it there was in it. */
const addressIn = ({ team }: Interaction, metadata: string): ChannelRef => ({ team, channel: metadata });
