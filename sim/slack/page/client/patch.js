/**
 * Makes what is in a node like some HTML with as few changes as can be, so that whoever types, has chosen, selected or
 * focused something in it goes on undisturbed. What has a key stays the same element wherever it moves to.
 */
export function patch(node, text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  patchChildren(node, template.content);
}

/** What each list shows, by key. */
const lists = new WeakMap();

/**
 * Makes what is in a node like a list of pieces, each of which is one element; only pieces whose text changed are
 * looked into, however long the list is.
 * @param {{key: string, text: string}[]} pieces @returns whether anything changed
 */
export function patchList(node, pieces) {
  const before = lists.get(node) ?? new Map();
  const after = new Map();
  let isChanged = false;
  const coming = new Set(pieces.map(({ key }) => key));
  for (const [key, { element }] of before) {
    if (coming.has(key)) continue;
    element.remove();
    isChanged = true;
  }
  let next = node.firstElementChild;
  for (const { key, text } of pieces) {
    const known = before.get(key);
    const fresh = known?.text === text ? undefined : parsed(text);
    const element = known?.element ?? fresh;
    if (known !== undefined && fresh !== undefined) patchNode(element, fresh);
    isChanged ||= fresh !== undefined;
    after.set(key, { text, element });
    if (element === next) next = next.nextElementSibling;
    else node.insertBefore(element, next);
  }
  lists.set(node, after);
  return isChanged;
}

function parsed(text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  return template.content.firstElementChild;
}

const KEYS = ["view", "ts", "key", "element", "action", "place"];

/** Nodes with the same key are the same thing, drawn anew. */
function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return `#${node.nodeType}`;
  const { tagName, id, type = "", dataset } = node;
  let key = `${tagName} ${id} ${type}`;
  for (const name of KEYS) if (dataset[name] !== undefined) key += ` ${name} ${dataset[name]}`;
  return key;
}

function patchChildren(node, wanted) {
  const coming = new Map();
  for (const child of wanted.childNodes) {
    const key = keyOf(child);
    coming.set(key, (coming.get(key) ?? 0) + 1);
  }
  let old = node.firstChild;
  for (const fresh of [...wanted.childNodes]) {
    const key = keyOf(fresh);
    // What is not to come any more goes first; what comes later waits for its turn.
    while (old !== null && keyOf(old) !== key && !coming.get(keyOf(old))) {
      const next = old.nextSibling;
      old.remove();
      old = next;
    }
    coming.set(key, coming.get(key) - 1);
    const same = find(old, key);
    if (same === null) node.insertBefore(fresh, old);
    else {
      if (same === old) old = old.nextSibling;
      else node.insertBefore(same, old);
      patchNode(same, fresh);
    }
  }
  while (old !== null) {
    const next = old.nextSibling;
    old.remove();
    old = next;
  }
}

function find(from, key) {
  let node = from;
  while (node !== null && keyOf(node) !== key) node = node.nextSibling;
  return node;
}

function patchNode(node, fresh) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.nodeValue !== fresh.nodeValue) node.nodeValue = fresh.nodeValue;
    return;
  }
  if (node.isEqualNode(fresh)) return;
  // These change by themselves, and know what they show.
  if (node.hasAttribute("data-own")) return;
  for (const { name } of [...node.attributes])
    if (!fresh.hasAttribute(name) && name !== "open") node.removeAttribute(name);
  // Slack's client forgets what was chosen in an element once its block has another id.
  const isForgotten = node.tagName === "SELECT" && node.dataset.block !== fresh.dataset.block;
  for (const { name, value } of fresh.attributes)
    if (node.getAttribute(name) !== value && name !== "open") node.setAttribute(name, value);
  patchChildren(node, fresh);
  if (isForgotten) node.value = fresh.value;
}
