import { buildRouteMap } from "@stricli/core";
import { formatVersion } from "../../core/model/events.ts";
import type { Known, Reference } from "../../core/model/reference.ts";
import { countOf } from "../../reporters/amount.ts";
import { laidOut } from "../../reporters/catalog/lines.ts";
import { search, topicOf } from "../../reporters/catalog/search.ts";
import { topics, type Topic, type TopicName } from "../../reporters/catalog/topics.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import type { Screen } from "../../reporters/screen.ts";
import { table } from "../../reporters/table.ts";
import { nearest } from "../../workspace/nearest.ts";
import { openDesk } from "../desk.ts";
import type { Io } from "../io.ts";
import { commandLine, defineCommand, serviceFlag, workspaceFlags, type WorkspaceFlags } from "../options.ts";
import type { Context } from "../verbs.ts";

export type CatalogFlags = WorkspaceFlags & {
  readonly service?: string;
};

/** What can be looked up, with what it says about itself in the help. */
const sentences: Readonly<Record<TopicName, string>> = {
  methods: "Calls: their parameters, what they do, and whether they may be sent twice",
  columns: "Columns of the device list: by name, new or old code, or label",
  enums: "Names that parameters and columns take",
  structs: "Objects that calls take and give, with their members",
  errors: "Errors of the service: what they mean and what to do",
};

export const command = buildRouteMap<string, Context>({
  routes: Object.fromEntries(
    Object.entries(sentences).map(([name, sentence]) => [name, topicCommand(name as TopicName, sentence)]),
  ),
  docs: { brief: "Look up methods, columns, enums, structs or errors of the service, offline" },
});

function topicCommand(name: TopicName, sentence: string) {
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
async function catalog(io: Io, flags: CatalogFlags, name: TopicName, words: readonly string[]): Promise<number> {
  await using desk = await openDesk(io, flags);
  const reference = await desk.workspace.catalogue(flags.service);
  const shown: Asked = {
    ...{ screen: desk.screen, json: flags.json, words, name },
    width: io.stdout.isTTY === true ? desk.screen.width : Infinity,
    command: (...more) => commandLine(io, flags, ["catalog", ...more]),
  };
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
  /** Columns of the terminal. What goes to a file or another program is never cut: names are looked for in it. */
  readonly width: number;
  readonly json: boolean;
  readonly words: readonly string[];
  readonly name: TopicName;
  /** The command line that looks up something else. */
  readonly command: (...more: readonly string[]) => string;
}

function show<Entry extends Known>(topic: Topic<Entry>, reference: Reference, asked: Asked): number {
  const { screen, json, words, name, width } = asked;
  const { exact, entries } = search(topic, reference, words);
  const found = exact === undefined ? entries : [exact];
  if (json) screen.result(cleanJson({ v: formatVersion, [name]: found, count: found.length }));
  else if (exact !== undefined) screen.result(detailsText(topic, exact, entries, asked));
  else if (found.length > 0) screen.result(table(topic.columns, found.map(topic.row), width));
  else screen.note(nothingText(topic, reference, asked));
  return found.length > 0 ? 0 : notFoundExit;
}

/** What was not found, and what may have been meant: another name, or another kind of thing of that name. */
function nothingText<Entry extends Known>(
  topic: Topic<Entry>,
  reference: Reference,
  { words, name, command }: Asked,
): string {
  const nothing = `No ${name} with ${words.map((word) => JSON.stringify(cleanText(word))).join(" and ")}.`;
  const [word = ""] = words.length === 1 ? words : [];
  const other = word === "" ? undefined : topicOf(reference, word);
  if (other !== undefined) return `${nothing} It is one of the ${other}: ${command(other, word)}`;
  const near = nearest(word, topic.all(reference).flatMap(topic.names));
  return [nothing, ...(near === undefined ? [] : [`Did you mean ${near}?`]), `All of them: ${command(name)}`].join(" ");
}

function detailsText<Entry extends Known>(
  topic: Topic<Entry>,
  exact: Entry,
  entries: readonly Entry[],
  { screen: { paint }, width }: Asked,
): string {
  const [head = "", ...lines] = laidOut(topic.details(exact), width).map((line) => line.replaceAll(/\p{Cc}/gu, ""));
  const own = topic.names(exact)[0];
  const others = entries.filter((entry) => topic.names(entry)[0] !== own);
  const also = others.slice(0, 8).map((entry) => topic.names(entry)[0] ?? "");
  const more = others.length > also.length ? ` and ${countOf(others.length - also.length, "more", "more")}` : "";
  const named = laidOut([`Also with this word: ${also.join(", ")}${more}`], width);
  return [
    paint.strong(head),
    ...lines,
    ...(also.length === 0 ? [] : ["", ...named.map((line) => paint.quiet(line))]),
  ].join("\n");
}
