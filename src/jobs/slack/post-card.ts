import { deliverOnce, type Ledger } from "../../delivery/deliver-once.ts";
import { CARD_KEY } from "../../delivery/read-back.ts";
import type { PostedCard, Run } from "../../runs/run.ts";
import { cardMoved, rejected, troubled, untroubled } from "../../runs/transitions.ts";
import { channelError } from "../../slack/channel-errors.ts";
import type { SlackRefused } from "../../slack/errors.ts";
import { postLane } from "../../slack/pacer.ts";
import { hashOf } from "../../views/card.ts";
import { commandOf } from "../../views/replies.ts";
import type { RunResult } from "../reconciler.ts";
import { type SlackDeps, tryAgain, updateRun } from "./deps.ts";
import { drawCard } from "./draw-card.ts";
import { shownOf } from "./edit-card.ts";

/** Posts the card. Once it stands, Arga may be asked. */
export async function postCard(deps: SlackDeps, run: Run): Promise<RunResult> {
  const { team, channel, threadTs, card, requester } = run;
  const sendingSince = card.state === "sending" ? card.since : undefined;
  const outgoing = { team, channel, threadTs, run, role: "card", key: CARD_KEY, sendingSince } as const;
  const message = { ...outgoing, forWhom: requester.id };
  const { state, refused, ...left } = await deliverOnce(deps, message, cardLedger(deps), run);
  return refused ? await cardRefused(deps, state, refused) : { run: state, ...left };
}

const cardLedger = (deps: SlackDeps): Ledger<Run> => ({
  begin: async (run, since) => {
    const state = await updateRun(deps, run, (now) =>
      now.card.state === "due" ? cardMoved(now, { state: "sending", since }) : now,
    );
    // Otherwise it was refused meanwhile, or another worker took it up.
    const isMine = state.card.state === "sending" && state.card.since === since;
    return isMine ? { state, content: drawCard(deps, state).content } : { state };
  },
  confirmed: async (run, { ts, content }) => {
    // What stands there isn't known of a card that was found: it is edited.
    const shown: Pick<PostedCard, "hash" | "shown" | "failed"> = content
      ? { hash: hashOf(content), ...shownOf(run) }
      : { hash: "", shown: "requested" };
    const card: PostedCard = { state: "posted", ts, at: Date.now(), ...shown };
    const next = await updateRun(deps, run, (now) =>
      cardMoved(now.trouble?.with === "slack" ? untroubled(now) : now, card),
    );
    if (next.phase.name === "requested") await deps.queues.enqueue("arga", next);
    return next;
  },
  unclear: (run, since, { message }) =>
    updateRun(deps, run, (now) =>
      troubled(cardMoved(now, { state: "sending", since }), {
        with: "slack",
        text: message,
        since: Date.now(),
      }),
    ),
  dueAgain: (run) => updateRun(deps, run, (now) => cardMoved(now, { state: "due" })),
});

/** Where the bot can't post at all, nothing is created, and the person is told what to do. */
async function cardRefused(deps: SlackDeps, run: Run, refused: SlackRefused): Promise<RunResult> {
  const { isToken, words } = channelError(refused.error);
  if (!isToken && run.phase.name === "requested")
    return {
      run: await updateRun(deps, run, (now) =>
        rejected(now, words, Date.now(), { tryThis: commandOf(now), button: "Try again" }),
      ),
    };
  return await tryAgain(deps, run, { lane: postLane(run.channel), error: refused });
}
