import type { KnownBlock, ModalView } from "@slack/types";
import { titleOf } from "../kinds/index.ts";
import type { RunControl } from "../runs/controls.ts";
import type { Run } from "../runs/run.ts";
import type { ViewId } from "../slack/ids.ts";
import { LIMITS } from "./limits.ts";
import { cut, plain, safe, section, wellFormed } from "./text.ts";
import { CONTROL_WORDS } from "./words.ts";

/** Modals that a run's menu opens. Their `metadata` says of which run they are, and where they were opened. */

/** The inputs, by `block_id` and `action_id` alike. */
export const RUN_FIELDS = { people: "people", name: "name" } as const;

/** Asks whether something that can't be undone is meant. */
export function confirmModal(run: Run, control: RunControl, metadata: string): ModalView {
  const { confirm, label } = CONTROL_WORDS[control];
  return modal("run_confirm", { title: confirm?.title ?? label, submit: confirm?.yes ?? label, metadata }, [
    section(`*${safe(titleOf(run), 200)}* (\`${run.id}\`)\n${confirm?.text ?? ""}`),
  ]);
}

/** Asks with whom to share. */
export const shareModal = (run: Run, metadata: string): ModalView =>
  modal("run_share", { title: "Share this run", submit: "Share", metadata }, [
    section(
      `*${safe(titleOf(run), 200)}* (\`${run.id}\`)\nThey can do all that you can: extend, lock, reset, tear down, and see its credentials. The thread tells who.`,
    ),
    {
      type: "input",
      block_id: RUN_FIELDS.people,
      label: plain("With whom?", LIMITS.inputLabel),
      element: { type: "multi_users_select", action_id: RUN_FIELDS.people, max_selected_items: 20 },
    },
  ]);

/** Asks what a saved test is to be called. */
export const saveModal = (run: Run, metadata: string): ModalView =>
  modal("run_save", { title: "Save as a test", submit: "Save", metadata }, [
    section("It's kept at Arga, for everybody to run: `/arga tests` lists it."),
    {
      type: "input",
      block_id: RUN_FIELDS.name,
      label: plain("Name", LIMITS.inputLabel),
      element: {
        type: "plain_text_input",
        action_id: RUN_FIELDS.name,
        initial_value: cut(wellFormed(titleOf(run)), SAVED_NAME_MOST),
        min_length: 1,
        max_length: SAVED_NAME_MOST,
      },
    },
  ]);

/** Characters of a saved test's name. */
export const SAVED_NAME_MOST = 100;

interface Frame {
  title: string;
  submit: string;
  metadata: string;
}

const modal = (id: ViewId, { title, submit, metadata }: Frame, blocks: KnownBlock[]): ModalView => ({
  type: "modal",
  callback_id: id,
  private_metadata: metadata,
  title: plain(title, LIMITS.modalTitle),
  submit: plain(submit, LIMITS.modalTitle),
  close: plain("Never mind", LIMITS.modalTitle),
  blocks,
});
