import { withIds } from "./elements.ts";
import type { Ids } from "./ids.ts";
import { objectsOf, stringOf } from "./json.ts";
import { Refusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { stateIn } from "./state.ts";
import type { Json, View, ViewValues } from "./types.ts";

/** A view together with whose it is and what was entered into it. */
export interface Opened {
  readonly userId: string;
  view: View;
  /** By block_id and action_id, so that what was entered survives an update that keeps both. */
  readonly entered: Map<string, Json>;
}

/** docs.slack.dev/surfaces/modals: one open and two pushed. */
const DEPTH = 3;

/** The modals that people have open, and their Home tabs. */
export class Modals {
  readonly #stacks = new Map<string, Opened[]>();
  readonly #homes = new Map<string, Opened>();
  readonly #ids: Ids;
  readonly #settings: Settings;

  constructor(ids: Ids, settings: Settings) {
    this.#ids = ids;
    this.#settings = settings;
  }

  /** The modals of a person, the top one last. */
  stack(userId: string): readonly Opened[] {
    return this.#stacks.get(userId) ?? [];
  }

  home(userId: string): Opened | undefined {
    return this.#homes.get(userId);
  }

  /** An open modal or a Home tab. */
  find(viewId: string | undefined): Opened | undefined {
    return this.#all().find(({ view }) => view.id === viewId);
  }

  findExternal(externalId: string | undefined): Opened | undefined {
    return externalId ? this.#all().find(({ view }) => view.external_id === externalId) : undefined;
  }

  /** Opens a modal as the first of its stack. A person looks at one stack at a time, so an older one goes. */
  open(userId: string, fields: Json): Opened {
    this.#refuseTakenId(fields);
    const opened = this.#make(userId, fields, undefined);
    this.#stacks.set(userId, [opened]);
    return opened;
  }

  /** @throws Refusal `push_limit_reached` */
  push(userId: string, fields: Json): Opened {
    const stack = this.stack(userId);
    if (stack.length >= DEPTH) throw new Refusal("push_limit_reached");
    this.#refuseTakenId(fields);
    const opened = this.#make(userId, fields, stack.at(-1)?.view);
    this.#stacks.set(userId, [...stack, opened]);
    return opened;
  }

  publish(userId: string, fields: Json): Opened {
    const before = this.#homes.get(userId);
    if (before !== undefined) return this.update(before, fields);
    const opened = this.#make(userId, fields, undefined);
    this.#homes.set(userId, opened);
    return opened;
  }

  /** Replaces what the view shows; its id and its place in the stack stay. */
  update(opened: Opened, fields: Json): Opened {
    this.#refuseTakenId(fields, opened);
    const { id, root_view_id, previous_view_id } = opened.view;
    opened.view = { ...this.#view(fields), id, root_view_id, previous_view_id };
    this.#refreshState(opened);
    return opened;
  }

  /** Notes what was entered, as typing does; the hash stays, as only the app's own changes make a new one. */
  enter(opened: Opened, key: string, state: Json): void {
    opened.entered.set(key, state);
    this.#refreshState(opened);
  }

  /** Takes the top modal away, and all below it when it says `clear_on_close`. */
  close(opened: Opened): void {
    const rest = this.stack(opened.userId).filter((one) => one !== opened);
    this.#stacks.set(opened.userId, opened.view.clear_on_close ? [] : rest);
  }

  clear(userId: string): void {
    this.#stacks.set(userId, []);
  }

  #all(): Opened[] {
    return [...[...this.#stacks.values()].flat(), ...this.#homes.values()];
  }

  #refuseTakenId(fields: Json, self?: Opened): void {
    const taken = this.findExternal(stringOf(fields.external_id));
    if (taken !== undefined && taken !== self) throw new Refusal("duplicate_external_id");
  }

  #make(userId: string, fields: Json, below: View | undefined): Opened {
    const view = this.#view(fields);
    view.root_view_id = below?.root_view_id ?? view.id;
    view.previous_view_id = below?.id ?? null;
    const opened = { userId, view, entered: new Map() };
    this.#refreshState(opened);
    return opened;
  }

  #view(fields: Json): View {
    const { app, team } = this.#settings;
    const id = this.#ids.next("V");
    return {
      ...texts(fields),
      id,
      team_id: team.id,
      type: fields.type === "home" ? "home" : "modal",
      blocks: withIds(objectsOf(fields.blocks), this.#ids),
      private_metadata: stringOf(fields.private_metadata) ?? "",
      callback_id: stringOf(fields.callback_id) ?? "",
      external_id: stringOf(fields.external_id) ?? "",
      state: { values: {} },
      hash: `${this.#ids.seconds()}.${this.#ids.secret().slice(0, 8)}`,
      root_view_id: id,
      previous_view_id: null,
      clear_on_close: fields.clear_on_close === true,
      notify_on_close: fields.notify_on_close === true,
      app_id: app.appId,
      bot_id: app.botId,
      app_installed_team_id: team.id,
    };
  }

  #refreshState(opened: Opened): void {
    opened.view.state = { values: stateOf(opened) };
  }
}

function texts({ title, submit, close }: Json): Json {
  return Object.fromEntries(
    Object.entries({ title, submit, close }).filter(([, value]) => value !== undefined),
  );
}

/** The key under which an element's state is kept. */
export function stateKey(blockId: unknown, actionId: unknown): string {
  return JSON.stringify([blockId, actionId]);
}

function stateOf({ view, entered }: Opened): ViewValues {
  return stateIn(view.blocks, ({ element, block }) =>
    entered.get(stateKey(block.block_id, element.action_id)),
  );
}
