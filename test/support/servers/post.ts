import { request } from "undici";

/** An answer as it came. */
export interface Posted {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Undefined: it was no JSON. */
  readonly json: ReturnType<typeof JSON.parse>;
}

/**
 * One POST on a connection of its own, since some servers close theirs after an answer without saying so.
 * @param body Text, sent as it is; anything else as JSON.
 */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Posted> {
  const answer = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    reset: true,
    headersTimeout: 20_000,
    bodyTimeout: 20_000,
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, text, json: parsed(text) };
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
