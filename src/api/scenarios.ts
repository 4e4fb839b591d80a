import * as z from "zod";
import { plain } from "./paths.ts";
import { flag, freeForm, id, label, listUnder, prompt, text, texts, word } from "./shapes.ts";
import type { Transport } from "./transport.ts";

interface ScenarioFilter {
  twin?: string;
  /** Tags are not unique. */
  tag?: string;
  include_presets?: boolean;
}

const scenario = z.object({
  /** A UUID, or a preset's own id. */
  id,
  name: label,
  description: text,
  prompt,
  twins: texts,
  seed_config: freeForm,
  tags: texts,
  is_preset: flag,
  created_at: word,
  updated_at: word,
});

type Scenario = z.infer<typeof scenario>;

/** Scenarios. Methods throw {@link ArgaError}. */
export class Scenarios {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One's own, with the presets if asked for. No paging is documented. */
  list(filter: ScenarioFilter = {}, signal?: AbortSignal): Promise<Scenario[]> {
    const schema = listUnder("scenarios", scenario);
    return this.#transport.request({
      method: "GET",
      ...plain("/scenarios"),
      query: { ...filter },
      schema,
      signal,
    });
  }
}
