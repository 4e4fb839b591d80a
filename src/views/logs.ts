import type { ActionsBlock, Button, ContextBlock, KnownBlock, ModalView } from "@slack/types";
import { titleOf } from "../kinds/index.ts";
import type { LogLine } from "../kinds/kind.ts";
import type { Run } from "../runs/run.ts";
import { type ActionId, suffixed, type ViewId } from "../slack/ids.ts";
import { LIMITS } from "./limits.ts";
import { code, counted, note, plain, quote, safe, section, time } from "./text.ts";

/** Lines on one page: each is a block, and a view may have 100. */
const PAGE = 40;

/** Which part of a log is shown. */
export interface LogPage {
  /** From 0, which has the newest lines. */
  page: number;
  errorsOnly: boolean;
}

/** What a modal must know when one of its buttons is pressed; names no secret. */
export interface LogPlace extends LogPage {
  run: string;
  channel: string;
}

const modal = (blocks: KnownBlock[], place: LogPlace): ModalView => ({
  type: "modal",
  callback_id: "arga_logs" satisfies ViewId,
  title: plain("Logs", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  private_metadata: JSON.stringify(place),
  blocks: blocks.slice(0, LIMITS.modalBlocks),
});

const heading = (run: Run): string => `*${safe(titleOf(run), 150)}* ${code(run.id)}`;

/** Opened at once, while Arga is asked: a trigger lives three seconds. */
export const logsLoading = (run: Run, place: LogPlace): ModalView =>
  modal([section(heading(run)), section("Getting the logs from Arga…")], place);

export const logsFailed = (run: Run, place: LogPlace, why: string): ModalView =>
  modal(
    [
      section(heading(run)),
      section("I couldn't get the logs."),
      quote(why),
      buttonsOf([["logs.page", "Try again", 0]]),
    ],
    place,
  );

/** A page of a log, newest first; errors stand out and can be shown alone. `lines` are all of it, oldest first. */
export function logsView(run: Run, place: LogPlace, lines: readonly LogLine[]): ModalView {
  const errors = lines.filter(({ isError }) => isError).length;
  const chosen = (place.errorsOnly ? lines.filter(({ isError }) => isError) : [...lines]).reverse();
  const pages = Math.max(1, Math.ceil(chosen.length / PAGE));
  const page = Math.min(Math.max(0, place.page), pages - 1);
  const shown = chosen.slice(page * PAGE, (page + 1) * PAGE);
  const here = { ...place, page };
  const where = pages > 1 ? ` · page ${page + 1} of ${pages}` : "";
  const counts = `${counted(lines.length, "line")}, ${counted(errors, "error")}${where} · newest first`;
  return modal(
    [
      section(heading(run)),
      note(counts),
      ...navigation(here, { pages, errors, total: lines.length }),
      ...(shown.length > 0 ? shown.map(lineBlock) : [section(NOTHING[place.errorsOnly ? "errors" : "all"])]),
    ],
    here,
  );
}

const NOTHING = { all: "Arga has no logs for this run yet.", errors: "No errors." };

function lineBlock({ at, source, text, isError }: LogLine): ContextBlock {
  const head = [at === undefined ? "" : time(at, "{time_secs}"), source ? safe(source, 60) : ""];
  const words = `${isError ? ":x: " : ""}${head.filter((part) => part !== "").join(" · ")}`.trim();
  return {
    type: "context",
    elements: [
      ...(words ? [{ type: "mrkdwn", text: words, verbatim: true } as const] : []),
      plain(readable(text), LIMITS.logLine),
    ],
  };
}

/** Without what colours a terminal, and what no reader can see: each such character is six bytes to Slack. */
const readable = (text: string): string =>
  text.replace(/\p{Cc}\[[\d;?]*[A-Za-z]/gu, "").replace(/(?![\n\t])\p{Cc}/gu, "");

function navigation(
  { page, errorsOnly }: LogPlace,
  { pages, errors, total }: { pages: number; errors: number; total: number },
): KnownBlock[] {
  const all: (PageButton | false)[] = [
    page > 0 && ["logs.page", "Newer", page - 1],
    page < pages - 1 && ["logs.page", "Older", page + 1],
    errorsOnly && ["logs.all", "Show all", 0],
    !errorsOnly && errors > 0 && errors < total && ["logs.errors", "Errors only", 0],
  ];
  const buttons = all.filter((button) => button !== false);
  return buttons.length > 0 ? [buttonsOf(buttons)] : [];
}

type PageButton = [id: ActionId, text: string, page: number];

const buttonsOf = (buttons: readonly PageButton[]): ActionsBlock => ({
  type: "actions",
  elements: buttons.map(
    ([id, text, page]): Button => ({
      type: "button",
      action_id: id === "logs.page" ? suffixed(id, page) : id,
      text: plain(text, LIMITS.buttonText),
      value: String(page),
    }),
  ),
});
