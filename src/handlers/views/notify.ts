import type { ViewResponseAction } from "@slack/bolt";
import { CodedError } from "../../base/errors.ts";
import { UsageError } from "../../kinds/grammar.ts";
import { kindNames } from "../../kinds/index.ts";
import { isRepo } from "../../kinds/targets.ts";
import { conflictOf, type Filters } from "../../notices/notices.ts";
import { EVENTS } from "../../runs/run.ts";
import { FIELDS, notifyModal, numbered } from "../../views/subscriptions.ts";
import { channelNotices, subscribe } from "../operations/subscriptions.ts";
import { conversationInfo } from "../shared/conversation-info.ts";
import type { StateValue, Submission, ViewHandler } from "../shared/handlers.ts";

/** Subscribes as the form says. What is wrong stands under its field; otherwise the form shows what there is now. */
export const submitNotify: ViewHandler = async (context, interaction, submission) => {
  try {
    const filters = filtersIn(submission, interaction.actor.id);
    if ("field" in filters) return wrong(filters.field, filters.why);
    // Whoever could open the form of that channel was in it.
    const address = { team: interaction.team, channel: submission.metadata };
    const { hidden } = await conversationInfo(context, address.team, address.channel);
    const added = await subscribe(context, { ...interaction, hidden }, address, filters);
    if (!added) return undefined;
    const said = `${added.isNew ? "Added" : "Already there"}: ${numbered(added.subscription)}`;
    const view = notifyModal(address.channel, await channelNotices(context, address), said);
    return { response_action: "update", view };
  } catch (error) {
    if (!(error instanceof UsageError)) context.logger.error({ err: error }, "Couldn't save a form");
    return wrong(FIELDS.events, error instanceof CodedError ? error.message : "That didn't work. Try again.");
  }
};

const wrong = (field: string, why: string): ViewResponseAction => ({
  response_action: "errors",
  errors: { [field]: why },
});

interface Wrong {
  field: string;
  why: string;
}

function filtersIn({ values }: Submission, user: string): Filters | Wrong {
  const fieldOf = (name: string): StateValue => values[name]?.[name] ?? {};
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
