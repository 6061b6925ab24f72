import type { ServerResponse } from "node:http";
import type { Deed } from "./lies.ts";

export type Said =
  { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string } };

/** Send what there is to say, or what the lie makes of it. */
export function tell(response: ServerResponse, id: unknown, said: Said, deed: Deed | undefined): void {
  const right = { jsonrpc: "2.0", id, ...said };
  switch (deed?.does) {
    case "silence":
      return;
    case "hang-up":
      response.destroy();
      return;
    case "error": {
      const { code = -32000, message = "it did not work" } = deed;
      answerJson(response, { jsonrpc: "2.0", id, error: { code, message } });
      return;
    }
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
    case "null-id":
      answerJson(response, { ...right, id: null });
      return;
    case "no-id":
      answerJson(response, { jsonrpc: "2.0", ...said });
      return;
    default:
      answerJson(response, right);
  }
}

export function answerJson(response: ServerResponse, body: object): void {
  answer(response, 200, JSON.stringify(body), { "content-type": "application/json" });
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
