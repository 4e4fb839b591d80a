import type { SlackMessage } from "../../../sim/slack/server.ts";
import { isTaken, textOf } from "../life.ts";
import { bringAgain } from "./asking.ts";
import type { Scene } from "./scene.ts";
import { cardOf, threadUnder } from "./seen.ts";
import { soon } from "./soon.ts";
import type { Stage } from "./stage.ts";
import { PEOPLE } from "./town.ts";

/** Forty people press one button in one moment, and Slack brings each press twice. */

/** All of them extend a run, and whoever asked for it tears it down. */
export async function crowdExtends({ scene, asking, found }: Stage): Promise<void> {
  const { slack, arga } = scene;
  slack.clearFaults();
  arga.clearFaults();
  const { channel, name, who } = await asking.probe("twins stripe 4");
  const ready = await soon(10_000, () => {
    const card = cardOf(scene, channel, name);
    return (
      card && textOf(card).includes('"run.credentials"') && textOf(card).includes('"run.extend"') && card
    );
  });
  // On a machine that's too slow for it, its time is up before.
  if (!ready) return;
  const taken = await Promise.all(
    PEOPLE.map((person) => pressTwice(scene, person, ready, { action: "run.extend", value: "60" })),
  );
  if (!taken.some(Boolean)) return;
  const isTold = await soon(30_000, () =>
    threadUnder(scene, ready).some(({ text }) => text.includes("Extended by")),
  );
  if (!isTold) found.push(`${name}: forty people extended it, and nobody is told`);
  await tearDown(scene, who, channel, name);
}

async function tearDown(scene: Scene, who: string, channel: string, name: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const card = cardOf(scene, channel, name);
    if (!card || !textOf(card).includes('"run.teardown"')) return;
    if (await pressTwice(scene, who, card, { action: "run.teardown" })) return;
  }
}

/** All of them start a run that ended again: there's one more then. */
export async function crowdReruns({ scene, asking }: Stage): Promise<void> {
  const target = asking.takeEnded();
  if (!target) return;
  const { name, channel, who } = target;
  const card = cardOf(scene, channel, name);
  if (!card || !textOf(card).includes('"run.rerun"')) return;
  const asked = asking.remember({ name, text: "run.rerun", who, channel, sort: "rerun" });
  const taken = await Promise.all(
    PEOPLE.map((person) => pressTwice(scene, person, card, { action: "run.rerun" })),
  );
  asked.isAccepted = taken.some(Boolean);
}

async function pressTwice(
  scene: Scene,
  person: string,
  card: SlackMessage,
  { action, ...choice }: { action: string; value?: string },
): Promise<boolean> {
  try {
    const first = await scene.slack.press(person, card, action, choice);
    const second = await bringAgain(scene, first);
    return isTaken(first) || second === "taken";
  } catch {
    // The card has changed, and has no such button any more.
    return false;
  }
}
