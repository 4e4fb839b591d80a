import type { ViewId } from "../../slack/ids.ts";
import { submitSettings } from "../forms/settings.ts";
import { submitTest, submitTwins } from "../forms/submit.ts";
import type { ViewHandler } from "../shared/handlers.ts";
import { submitNotify } from "./notify.ts";
import { submitConfirm, submitSave, submitShare } from "./run-modals.ts";

/** What a submitted modal does, by its `callback_id`. */
export const views: Record<ViewId, ViewHandler> = {
  arga_twins: submitTwins,
  arga_test: submitTest,
  arga_notify: submitNotify,
  arga_settings: submitSettings,
  run_confirm: submitConfirm,
  run_share: submitShare,
  run_save: submitSave,
  // For reading: it has nothing to submit.
  arga_logs: async () => undefined,
};
