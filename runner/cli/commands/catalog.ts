import { buildRouteMap } from "@stricli/core";
import { formatVersion } from "../../core/model/events.ts";
import type { Known, Reference } from "../../core/model/reference.ts";
import { countOf } from "../../reporters/amount.ts";
import { search } from "../../reporters/catalog/search.ts";
import { topics, type Topic } from "../../reporters/catalog/topics.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import type { Screen } from "../../reporters/screen.ts";
import { table } from "../../reporters/table.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import { commandLine, defineCommand, serviceFlag, workspaceFlags, type WorkspaceFlags } from "../options.ts";
import type { Context } from "../verbs.ts";

export type CatalogFlags = WorkspaceFlags & {
  readonly service?: string;
};

/** What can be looked up, with what it says about itself in the help. */
const sentences: Readonly<Record<keyof typeof topics, string>> = {
  methods: "Calls: their parameters, what they do, and whether they may be sent twice",
  columns: "Columns of the device list: by name, new or old code, or label",
  enums: "Names that parameters and columns take",
  structs: "Objects that calls take and give, with their members",
  errors: "Errors of the service: what they mean and what to do",
};

export const command = buildRouteMap<string, Context>({
  routes: Object.fromEntries(
    Object.entries(sentences).map(([name, sentence]) => [name, topicCommand(name as keyof typeof topics, sentence)]),
  ),
  docs: { brief: "Look up methods, columns, enums, structs or errors of the service, offline" },
});

function topicCommand(name: keyof typeof topics, sentence: string) {
  return defineCommand<CatalogFlags, string[]>({
    sentence,
    parameters: {
      flags: {
        ...workspaceFlags,
        service: serviceFlag("Which service's; the first of the config when left out"),
      },
      positional: {
        kind: "array",
        parameter: { brief: "What to look for; a name shows its details", parse: String, placeholder: "WORD" },
      },
    },
    run: (io, flags, ...words) => catalog(io, flags, name, words),
  });
}

const notFoundExit = 3;

/** Look something up. Exit 0, or 3 when nothing was found. */
async function catalog(
  io: Io,
  flags: CatalogFlags,
  name: keyof typeof topics,
  words: readonly string[],
): Promise<number> {
  await using desk = await openDesk(io, flags);
  const reference = await desk.workspace.catalogue(flags.service);
  const shown = { screen: desk.screen, json: flags.json, words, name, all: commandLine(io, flags, ["catalog", name]) };
  // Each topic has entries of its own type, so that it is named here and not looked up.
  switch (name) {
    case "methods":
      return show(topics.methods, reference, shown);
    case "columns":
      return show(topics.columns, reference, shown);
    case "enums":
      return show(topics.enums, reference, shown);
    case "structs":
      return show(topics.structs, reference, shown);
    case "errors":
      return show(topics.errors, reference, shown);
  }
}

interface Asked {
  readonly screen: Screen;
  readonly json: boolean;
  readonly words: readonly string[];
  readonly name: keyof typeof topics;
  /** The command that lists them all. */
  readonly all: string;
}

function show<Entry extends Known>(topic: Topic<Entry>, reference: Reference, asked: Asked): number {
  const { screen, json, words, name, all } = asked;
  const { exact, entries } = search(topic, reference, words);
  const found = exact === undefined ? entries : [exact];
  if (json) screen.result(cleanJson({ v: formatVersion, [name]: found, count: found.length }));
  else if (exact !== undefined) screen.result(detailsText(topic, exact, entries, screen));
  else if (found.length > 0) screen.result(table(topic.columns, found.map(topic.row), screen.width));
  else
    screen.note(
      `No ${name} with ${words.map((word) => JSON.stringify(cleanText(word))).join(" and ")}. All of them: ${all}`,
    );
  return found.length > 0 ? 0 : notFoundExit;
}

function detailsText<Entry extends Known>(
  topic: Topic<Entry>,
  exact: Entry,
  entries: readonly Entry[],
  { paint }: Screen,
): string {
  const [head = "", ...lines] = topic.details(exact).map((line) => line.replaceAll(/\p{Cc}/gu, ""));
  const own = topic.names(exact)[0];
  const others = entries.filter((entry) => topic.names(entry)[0] !== own);
  const also = others.slice(0, 8).map((entry) => topic.names(entry)[0] ?? "");
  const more = others.length > also.length ? ` and ${countOf(others.length - also.length, "more", "more")}` : "";
  return [
    paint.strong(head),
    ...lines,
    ...(also.length === 0 ? [] : ["", paint.quiet(`Also with this word: ${also.join(", ")}${more}`)]),
  ].join("\n");
}
