import { createHmac } from "node:crypto";
import { noticeVersion, type Notice, type WebhookFormat, type WebhookTarget } from "../../core/model/notice.ts";
import type { Letter } from "./post.ts";

/** A notice under the id that all of its tries have, at every webhook, so that a receiver can drop repeats. */
export interface Message {
  readonly id: string;
  readonly notice: Notice;
}

/** The body of a request. `json`: one line, new members may appear. */
export function bodyOf({ id, notice }: Message, format: WebhookFormat): string {
  switch (format) {
    case "json":
      return JSON.stringify({ v: noticeVersion, id, ...notice });
    case "slack":
      return JSON.stringify({ text: slackText(notice) });
  }
}

const invisible = "\u200b";

/**
 * Words of people as nothing but words. Slack makes links and calls of `<…>`. Others that take the same body make calls of
 * `@all` and links of `[text](address)` as well: what nobody sees parts those. The command at the end is one to copy, and whole.
 */
function slackText({ text, next = "" }: Notice): string {
  const command = text.endsWith(next) ? next : "";
  const words = text.slice(0, text.length - command.length);
  const parted = words.replaceAll("@", `@${invisible}`).replaceAll("](", `]${invisible}(`);
  return escaped(parted + command);
}

/** As Slack has it: these three characters and no others. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

interface Sending {
  readonly format: WebhookFormat;
  readonly timeoutMs: number;
  /** Unix seconds: signed with the body, so that a receiver can refuse what is old. */
  readonly timestamp: number;
}

/** The request of one try. */
export function letterOf(message: Message, target: WebhookTarget, { format, timeoutMs, timestamp }: Sending): Letter {
  const body = bodyOf(message, format);
  const { signingSecret, url, headers } = target;
  return {
    ...{ url, body, timeoutMs },
    headers: {
      ...Object.fromEntries(headers.map(([name, value]) => [name, value.reveal()])),
      "Content-Type": "application/json",
      "User-Agent": "rollcall",
      "X-Rollcall-Event": message.notice.event,
      "X-Rollcall-Id": message.id,
      "X-Rollcall-Timestamp": String(timestamp),
      ...(signingSecret && { "X-Rollcall-Signature": signatureOf(`${timestamp}.${body}`, signingSecret.reveal()) }),
    },
  };
}

function signatureOf(signed: string, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(signed).digest("hex")}`;
}
