import type { ServerResponse } from "node:http";
import type { Deed } from "./lies.ts";

export type Said =
  { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string } };

/** A request as it came, as far as lies have to do with it. */
export interface Heard {
  readonly id: unknown;
  /** Of the request before it. */
  readonly earlierId: unknown;
  /** Its body and its headers. */
  readonly text: string;
}

/** Send what there is to say, or what the lie makes of it. */
export function tell(response: ServerResponse, heard: Heard, said: Said, deed: Deed | undefined): void {
  const { id } = heard;
  const right = { jsonrpc: "2.0", id, ...said };
  switch (deed?.does) {
    case "silence":
      return;
    case "hang-up":
      response.destroy();
      return;
    case "error": {
      const { code = -32000, message = "it did not work", status = 200 } = deed;
      answerJson(response, { jsonrpc: "2.0", id, error: { code, message } }, status);
      return;
    }
    case "echo":
      answerJson(response, { jsonrpc: "2.0", id, error: { code: -32000, message: `not like this: ${heard.text}` } });
      return;
    case "html": {
      const headers = deed.retryAfter === undefined ? {} : { "retry-after": String(deed.retryAfter) };
      answer(response, deed.status, `<html><h1>${deed.status}</h1></html>`, {
        "content-type": "text/html",
        ...headers,
      });
      return;
    }
    case "wrong-id":
      answerJson(response, { ...right, id: typeof id === "number" ? id + 1 : `${String(id)}-other` });
      return;
    case "earlier-id":
      answerJson(response, { ...right, id: heard.earlierId });
      return;
    case "null-id":
      answerJson(response, { ...right, id: null });
      return;
    case "no-id":
      answerJson(response, { jsonrpc: "2.0", ...said });
      return;
    case "cut-off": {
      const text = JSON.stringify(right);
      response.writeHead(200, { ...json, "content-length": text.length });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    }
    case "half-json": {
      const text = JSON.stringify(right);
      answer(response, 200, text.slice(0, text.length / 2), json);
      return;
    }
    case "huge":
      answerJson(response, { ...right, more: "x".repeat(deed.bytes) });
      return;
    default:
      answerJson(response, right);
  }
}

const json = { "content-type": "application/json" } as const;

export function answerJson(response: ServerResponse, body: object, status = 200): void {
  answer(response, status, JSON.stringify(body), json);
}

/** Any answer at all. */
export function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers);
  response.end(text);
}
