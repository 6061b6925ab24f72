import { formatVersion, type RunEvent } from "../../core/model/events.ts";
import { without } from "../../core/model/pick.ts";
import { cleanJson } from "../clean.ts";
import type { Screen } from "../screen.ts";
import type { LiveReporter } from "./reporter.ts";

/** Every event as one line of JSON on stdout, for programs: `{"v":1,"type":…}`. New types may appear; readers skip what they do not know. */
export class JsonLinesReporter implements LiveReporter {
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  take(event: RunEvent): void {
    // Logs are read by many, and the salt is for the record alone.
    const told = event.type === "start" ? without(event, "salt") : event;
    this.#screen.result(cleanJson({ v: formatVersion, ...told }));
  }

  close(): void {
    // Each line is complete by itself.
  }
}
