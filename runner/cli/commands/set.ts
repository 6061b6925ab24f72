import { RunnerError } from "../../core/model/errors.ts";
import type { Asking } from "../../workspace/options.ts";
import type { Io } from "../io.ts";
import { defineCommand, runWord, wholeNumber } from "../options.ts";
import { sentences } from "../verbs.ts";
import { ask, controlFlags, type ControlFlags } from "./control.ts";

const perMinuteOf: Readonly<Record<string, number>> = { s: 60, m: 1, h: 1 / 60 };

export const command = defineCommand<ControlFlags, [string, ...string[]]>({
  sentence: sentences.set,
  parameters: {
    flags: controlFlags,
    positional: {
      kind: "array",
      parameter: {
        brief: "A run, then what is set: concurrency=2 or rate=60/m",
        parse: String,
        proposeCompletions: runWord.proposeCompletions,
        placeholder: "RUN SETTING",
      },
      minimum: 1,
    },
  },
  run: set,
});

/** Make a run slower, or as fast again as it began. */
export async function set(io: Io, flags: ControlFlags, run: string, ...words: readonly string[]): Promise<number> {
  if (words.length === 0) throw wrong("Nothing was said that could be set.");
  const settings = words.map(settingOf);
  const names = new Set(settings.flatMap((one) => Object.keys(one)));
  if (names.size < settings.length) throw wrong("One setting is given twice.");
  const asking = settings.reduce<Asking>((sum, one) => ({ ...sum, ...one }), { op: "set", why: flags.why });
  return ask(io, flags, run, asking);
}

function settingOf(word: string): Pick<Asking, "concurrency" | "perMinute"> {
  const [, name, value = ""] = /^(concurrency|rate)=(.+)$/.exec(word) ?? [];
  if (name === "concurrency") return { concurrency: counted(value) };
  const [, calls, unit = ""] = /^(\d+)\/([smh])$/.exec(value) ?? [];
  const perMinute = Number(calls) * (perMinuteOf[unit] ?? 0);
  if (name === "rate" && perMinute > 0) return { perMinute };
  throw wrong(`${JSON.stringify(word)} is nothing that can be set.`);
}

function counted(text: string): number {
  try {
    return wholeNumber(1)(text);
  } catch (error) {
    throw wrong(`concurrency: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function wrong(message: string): RunnerError {
  return new RunnerError("usage", message, {
    hint: "Write concurrency=2 (calls at a time), rate=60/m (calls a minute), or both.",
  });
}
