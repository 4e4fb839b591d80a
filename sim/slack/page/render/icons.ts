import { Html } from "./html.ts";

/** Outlines on a grid of 16: the page must look the same on machines without emoji. */
const PATHS = {
  eye: "M1 8s2.6-4.5 7-4.5S15 8 15 8s-2.6 4.5-7 4.5S1 8 1 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  lock: "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  image: "M2 3h12v10H2zM2 11l3.5-3.5L9 11l2-2 3 3M10.5 6.5h.01",
  person: "M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.5-2.5 2.5-3.5 5-3.5s4.5 1 5 3.5",
  trash: "M3 4.5h10M6.5 4.5v-1.5h3v1.5M4.5 4.5l.5 9h6l.5-9",
  up: "M5 7l2.5-4.5c1 0 1.5.7 1.5 1.5v2h3.5l-1 7H5zM5 7H3v6h2",
  down: "M5 9l2.5 4.5c1 0 1.5-.7 1.5-1.5v-2h3.5l-1-7H5zM5 9H3V3h2",
  bolt: "M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z",
  send: "M2 8l12-5.5L10.5 14 8 9z",
} as const;

export function icon(name: keyof typeof PATHS): Html {
  const look =
    'class="ico" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" stroke-linecap="round"';
  return new Html(`<svg ${look} aria-hidden="true"><path d="${PATHS[name]}"/></svg>`);
}
