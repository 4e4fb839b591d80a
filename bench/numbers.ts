/** The middle one; of an even number the higher of the two. NaN of none. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** `share` of 1; the values need not be sorted. NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** With three digits that count. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "?";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** The median of several rounds, with the lowest and the highest. */
export const spread = (values: readonly number[]): string =>
  values.length < 2
    ? shown(median(values))
    : `${shown(median(values))} (${shown(Math.min(...values))} to ${shown(Math.max(...values))})`;
