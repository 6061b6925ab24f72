import { longestPage, type Page } from "./classify.ts";
import { cleanMessage, withoutSecrets } from "./message.ts";

/** Characters of a page that are told. */
const mostShown = 60;

/** What kind of page came in place of an answer, and its first words, to stand behind a message. */
export function pageText({ status, type = "no content type", text }: Page, secrets: readonly string[]): string {
  // Before tags go too: a secret may look like one. What was cut off with half a secret is far behind what is shown.
  const safe = withoutSecrets(text, secrets);
  const whole = text.length < longestPage ? safe : safe.slice(0, longestPage / 2);
  const words = cleanMessage(withoutTags(whole), { length: mostShown, secrets });
  if (words === "") return status === 200 ? " (HTTP 200, an empty body)" : "";
  const kind = cleanMessage(type.split(";")[0] ?? type, { length: mostShown, secrets });
  return ` (${status === 200 ? "HTTP 200, " : ""}${kind}: ${words})`;
}

function withoutTags(text: string): string {
  return text.replaceAll(/<(script|style)\b[^]*?<\/\1\s*>|<!--[^]*?-->|<[^<>]*>/gi, " ").replaceAll(/\s+/g, " ");
}
