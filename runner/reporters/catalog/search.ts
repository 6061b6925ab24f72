import type { Known, Reference } from "../../core/model/reference.ts";
import { topics, type Topic, type TopicName } from "./topics.ts";

export interface Found<Entry> {
  /** The one whose name was given. */
  readonly exact: Entry | undefined;
  /** All that hold every word. */
  readonly entries: readonly Entry[];
}

/** Entries in which every word occurs, whatever its case. A single word that is a name, in this case or else in any, is an exact hit. */
export function search<Entry extends Known>(
  topic: Topic<Entry>,
  reference: Reference,
  words: readonly string[],
): Found<Entry> {
  const all = topic.all(reference);
  const wanted = words.map((word) => word.toLowerCase());
  const entries = all.filter((entry) => {
    const text = topic.text(entry).map((part) => part?.toLowerCase() ?? "");
    return wanted.every((word) => text.some((part) => part.includes(word)));
  });
  return { exact: words.length === 1 ? exactIn(topic, reference, words[0] ?? "") : undefined, entries };
}

function exactIn<Entry extends Known>(topic: Topic<Entry>, reference: Reference, word: string): Entry | undefined {
  const all = topic.all(reference);
  const lower = word.toLowerCase();
  return (
    all.find((entry) => topic.names(entry).includes(word)) ??
    topic.find?.(reference, word) ??
    all.find((entry) => topic.names(entry).some((name) => name.toLowerCase() === lower)) ??
    // What is put together from parts is a code, and codes are in upper case.
    topic.find?.(reference, word.toUpperCase())
  );
}

/** The kind of thing that a word is a name of. */
export function topicOf(reference: Reference, word: string): TopicName | undefined {
  const names = Object.keys(isNamed) as readonly TopicName[];
  return names.find((name) => isNamed[name](reference, word));
}

const isNamed: Readonly<Record<TopicName, (reference: Reference, word: string) => boolean>> = {
  methods: named(topics.methods),
  columns: named(topics.columns),
  enums: named(topics.enums),
  structs: named(topics.structs),
  errors: named(topics.errors),
};

function named<Entry extends Known>(topic: Topic<Entry>) {
  return (reference: Reference, word: string) => exactIn(topic, reference, word) !== undefined;
}
