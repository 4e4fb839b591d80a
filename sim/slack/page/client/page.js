import { HOME } from "../render/workspace.ts";

/** What the page knows: the workspace as last drawn, the parts that it is told of, and where in it the person is. */
export const page = {
  workspace: undefined,
  parts: new Map(),
  isStale: false,
  where: { place: "", seen: {} },
};

/** Whose `seen` that is. */
let seer;

export const byId = (id) => document.getElementById(id);

/** Who one is stands in the address, by id or name, so that two windows can be two people. */
export function me() {
  const named = new URL(location.href).searchParams.get("user") ?? FIRST_USER;
  const { users = [] } = page.workspace ?? {};
  return users.find(({ name }) => name === named)?.id ?? named;
}

export function viewer() {
  const { users, channels } = page.workspace;
  return { me: me(), now: Date.now(), place: page.where.place, users, channels };
}

export function move(change) {
  page.where = { ...page.where, ...change };
}

/** The direct conversation with the app; `dm` as long as nothing was said in it. */
export function directPlace() {
  const own = ({ kind, members }) => kind === "im" && members.includes(me());
  return page.workspace.channels.find(own)?.id ?? "dm";
}

/** Puts together what was told since, however much it was. @returns whether there is a workspace */
export function refresh() {
  if (page.isStale) {
    page.workspace = workspaceOf(page.parts);
    page.isStale = false;
    settle();
  }
  return page.workspace !== undefined;
}

function workspaceOf(parts) {
  const messages = {};
  const ephemerals = [];
  for (const [name, value] of parts) {
    if (!name.startsWith("message ")) continue;
    if (value.ephemeral) ephemerals.push(value);
    else {
      messages[value.channel] ??= [];
      messages[value.channel].push(value);
    }
  }
  const own = ["team", "users", "channels"].map((name) => [name, parts.get(name)]);
  const modal = parts.get("modal") ?? undefined;
  const home = parts.get("home") ?? undefined;
  return { ...Object.fromEntries(own), messages, ephemerals, modal, home };
}

/** Where the person is after a reload: where the address says, or in the first channel. */
function settle() {
  const { channels } = page.workspace;
  if (seer !== me()) {
    seer = me();
    move({ seen: JSON.parse(localStorage.getItem(`seen ${seer}`) ?? "{}") });
  }
  if (page.where.place === "") move({ place: location.hash.slice(1) });
  const isKnown = channels.some(({ id }) => id === page.where.place);
  if (!isKnown && ![HOME, "dm"].includes(page.where.place)) move({ place: channels[0]?.id ?? HOME });
  if (page.where.place === "dm") move({ place: directPlace() });
}

/** Notes that what is said here was seen. */
export function noteSeen() {
  const { workspace, where } = page;
  const said = workspace.messages[where.place]?.at(-1);
  const toMe = workspace.ephemerals.findLast(({ channel }) => channel === where.place);
  const last = Math.max(Number(said?.ts ?? 0), Number(toMe?.ts ?? 0));
  if (last <= Number(where.seen[where.place] ?? 0)) return;
  move({ seen: { ...where.seen, [where.place]: String(last) } });
  localStorage.setItem(`seen ${seer}`, JSON.stringify(page.where.seen));
}
