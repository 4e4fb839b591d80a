import { chosenIn } from "./typeahead.js";

/** What people entered or chose, as the control surface takes it. */

/** The value of one element: a string, a list of strings, or null for nothing. */
function valueIn(element) {
  const { element: type } = element.dataset;
  if (element.matches(".choices")) return ticked(element);
  if (type === "file_input") return [...element.files].map(({ name }) => name);
  if (element.matches(".typeahead")) return taken(element);
  if (type === "datetimepicker" && element.value !== "")
    return String(new Date(element.value).getTime() / 1000);
  return element.value === "" ? null : element.value;
}

function taken(element) {
  const values = chosenIn(element).map(({ value }) => value);
  return element.dataset.element.startsWith("multi_") ? values : (values[0] ?? null);
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
