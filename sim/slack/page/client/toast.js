/** How long a notice stays, in ms. */
const STAY = 6000;

/** A notice at the head of the page. */
export function toast(text, { bad = false, stays = false } = {}) {
  const element = document.createElement("div");
  element.className = bad ? "toast bad" : "toast";
  element.textContent = text;
  const place = document.getElementById("toasts");
  place.append(element);
  // Shown anew, it lies above a modal that was opened since.
  place.hidePopover();
  place.showPopover();
  if (!stays) setTimeout(() => element.remove(), STAY);
  return element;
}
