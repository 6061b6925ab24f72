import type { Known, Reference } from "../../core/model/reference.ts";
import type { Topic } from "./topics.ts";

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
    all.find((entry) => topic.names(entry).some((name) => name.toLowerCase() === lower))
  );
}
