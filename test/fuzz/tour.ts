import type { Delivery, View } from "../../sim/slack/server.ts";
import { cardShows, payloadOf, theCard } from "../support/life.ts";
import type { World } from "../support/world.ts";

type Payload = Delivery["payload"];

/** What Slack brings to a bot in use: the payloads that the fuzzer changes. */
export interface Tour {
  payloads: Payload[];
  /** A ready twin of alice's. */
  run: string;
}

/** Uses the bot in every way there is, and keeps all that was delivered meanwhile. */
export async function tour(world: World): Promise<Tour> {
  const { slack } = world;
  const before = slack.log.length;
  const byHand: Payload[] = [];
  const submit = (view: View, values: Record<string, unknown> = {}): Promise<void> =>
    submitted(world, byHand, view, values);
  for (const text of ["help", "twins stripe 60", "notify on failed", "status nope"])
    await slack.command("alice", "dev", "/arga", text);
  const card = await cardShows(world, "run.credentials");
  await slack.press("bob", card, "run.extend", { value: "120" });
  await slack.press("alice", card, "run.credentials");
  for (const [value, callback] of [
    ["lock", "run_confirm"],
    ["share", "run_share"],
  ] as const) {
    await slack.press("alice", theCard(world), "run.more", { value });
    await submit(await formOf(world, callback), callback === "run_share" ? { people: ["bob"] } : {});
  }
  await slack.command("alice", "dev", "/arga", "notify");
  await submit(await formOf(world, "arga_notify"));
  await fromHome(world, submit);
  const { message } = await slack.postAsUser("bob", "dev", "see https://shop.example.com/basket");
  await slack.messageShortcut("alice", message, "arga_test_message");
  await slack.globalShortcut("alice", "arga_twins");
  await slack.mention("alice", "dev", "status nope");
  await slack.directMessage("bob", "help");
  await slack.openMessages("bob");
  await slack.postAsUser("bob", "dev", `https://app.argalabs.com/runs/${[...world.arga.runs.keys()][0]}`);
  await slack.join("bob", "ops").catch(() => {});
  const payloads = slack.log.slice(before).flatMap(({ kind, args }) => (kind === "delivery" ? [args] : []));
  return { payloads: structuredClone([...payloads, ...byHand]), run: String(payloadOf(card)?.run_id) };
}

const FORMS = {
  "home.twins": "arga_twins",
  "home.test": "arga_test",
  "home.validate": "arga_validate",
  "home.sandbox": "arga_sandbox",
  "home.settings": "arga_settings",
};

/** Every form, and what its menus ask for. */
async function fromHome(world: World, submit: (form: View) => Promise<void>): Promise<void> {
  const { slack } = world;
  await slack.openHome("alice");
  for (const [button, callback] of Object.entries(FORMS)) {
    const home = await slack.until(() => {
      const view = slack.home("alice");
      return view && JSON.stringify(view.blocks).includes(`"${button}"`) ? view : undefined;
    });
    await slack.pressInView("alice", home.id, button);
    const form = await formOf(world, callback);
    if (callback === "arga_twins") await slack.suggest("alice", form.id, "form.twins", "stripe");
    await submit(form);
  }
}

const formOf = ({ slack }: World, callback: string): Promise<View> =>
  slack.until(() => slack.views("alice").find(({ callback_id }) => callback_id === callback));

/** What Slack's own client would not send goes out all the same, as it stands. */
async function submitted(
  { slack }: World,
  byHand: Payload[],
  { id }: View,
  values: Record<string, unknown>,
): Promise<void> {
  await slack.submit("alice", id, values).catch(async () => {
    const { id: user, name } = slack.user("alice");
    const payload = {
      type: "view_submission",
      team: { id: slack.teamId, domain: slack.team.domain },
      user: { id: user, username: name, name, team_id: slack.teamId },
      trigger_id: `${id}.submitted`,
      view: slack.views("alice").find((each) => each.id === id),
      response_urls: [],
    };
    byHand.push(payload);
    await slack.rawDelivery({ body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString() });
  });
  await slack.closeView("alice", id, { all: true }).catch(() => {});
}
