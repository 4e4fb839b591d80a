/** What people entered or chose, as the control surface takes it. */

/** The value of one element: a string, a list of strings, or null for nothing. */
function valueIn(element) {
  const { element: type } = element.dataset;
  if (element.matches(".choices")) return ticked(element);
  if (type === "file_input") return [...element.files].map(({ name }) => name);
  if (type === "multi_external_select") return element.value === "" ? [] : element.value.split(/,\s*/);
  if (type === "datetimepicker" && element.value !== "")
    return String(new Date(element.value).getTime() / 1000);
  return element.value === "" ? null : element.value;
}

function ticked(element) {
  const values = [...element.querySelectorAll("input:checked")].map(({ value }) => value);
  return element.dataset.element === "radio_buttons" ? (values[0] ?? null) : values;
}

/** The same as an act's fields: `value`, `values`, or neither. */
export function choiceOf(element) {
  const value = element.dataset.value ?? valueIn(element);
  if (value === null) return {};
  return Array.isArray(value) ? { values: value } : { value };
}

/** All inputs of a modal by block_id. */
export function valuesIn(form) {
  const inputs = [...form.querySelectorAll(".input [data-element]")];
  return Object.fromEntries(inputs.map((element) => [element.dataset.block, valueIn(element)]));
}

/** Notes what is entered below a node; the function it returns enters it again into what was drawn since. */
export function keepEntered(node) {
  const kept = [...node.querySelectorAll("[data-element]")].map((element) => [
    keyOf(element),
    snapshot(element),
  ]);
  const byKey = new Map(kept);
  return () => {
    for (const element of node.querySelectorAll("[data-element]")) byKey.get(keyOf(element))?.(element);
  };
}

function keyOf({ dataset }) {
  return JSON.stringify([dataset.element, dataset.block, dataset.action]);
}

function snapshot(element) {
  if (element.matches(".choices")) {
    const values = new Set([...element.querySelectorAll("input:checked")].map(({ value }) => value));
    return (again) => {
      for (const box of again.querySelectorAll("input")) box.checked = values.has(box.value);
    };
  }
  const { value, type } = element;
  return (again) => {
    if ("value" in again && type !== "file" && !again.matches("button")) again.value = value;
  };
}
