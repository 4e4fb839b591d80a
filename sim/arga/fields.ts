import { z } from "zod";

/** What several resources take in the same form. */
export const Minutes = z.int().min(1).max(480);

export const Twins = z.array(z.string().min(1));

export const Repo = z.string().regex(/^[^/\s]+\/[^/\s]+$/, "Input should be owner/repo");

/** An object whose keys and values are kept exactly as they came: names in it are not Arga's. */
export const FreeForm = z.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "Input should be an object",
);

/** What a run is about and what it was started by: fields that test runs, reruns and saved tests share. */
export const Origin = {
  sandbox_id: z.string().min(1).nullish(),
  repo: Repo.nullish(),
  branch: z.string().min(1).nullish(),
  pr_url: z.string().min(1).nullish(),
  scenario_id: z.string().min(1).nullish(),
  scenario_prompt: z.string().nullish(),
  twins: Twins.nullish(),
  ttl_minutes: Minutes.nullish(),
  trigger_source: z.string().min(1).nullish(),
};
