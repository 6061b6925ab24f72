import type { IncomingMessage, ServerResponse } from "node:http";
import { RunnerError } from "../core/model/errors.ts";
import { jsonIn } from "../core/model/json-in.ts";
import { isObject } from "../core/model/object.ts";
import type { RunId } from "../core/model/item.ts";
import type { RunFolder } from "../runs/folder.ts";
import { operations, type Operation } from "./offers.ts";
import { sendJson } from "./replies.ts";

/** What a page asks of a run. */
interface Asking {
  readonly op: Operation;
  readonly why: string;
}

/**
 * Asks something of a run: recorded, with who runs this server and why. `isRecorded`: false when nobody has heard it yet; it is
 * not lost. @throws {RunnerError} when there is nothing that could be asked for.
 */
export type Control = (
  run: RunId,
  asking: Asking,
) => Promise<{ readonly isRecorded: boolean; readonly message: string }>;

/** A reason has at most 1000 characters, and an asking little else. */
const mostBytes = 16 * 1024;

/** Carry out what a page asks, and say what became of it. */
export async function answerControl(
  folder: RunFolder,
  control: Control,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    // What is still on its way is not waited for.
    response.once("finish", () => request.destroy());
    sendJson(response, 413, { message: "That is too much." });
    return;
  }
  const asking = askingIn(body);
  if (typeof asking === "string") sendJson(response, 400, { message: asking });
  else await ask(folder, control, { asking, response });
}

async function ask(
  folder: RunFolder,
  control: Control,
  { asking, response }: { readonly asking: Asking; readonly response: ServerResponse },
): Promise<void> {
  try {
    const { isRecorded, message } = await control(folder.run, asking);
    sendJson(response, isRecorded ? 200 : 202, { recorded: isRecorded, message });
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    sendJson(response, 409, { message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

/** Undefined: it is longer than any asking. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // An answer can still be sent to who is not listened to any more.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A text: what is wrong with it. */
function askingIn(body: string): Asking | string {
  const value = jsonIn(body);
  if (!isObject(value)) return "What is asked for is an object.";
  const { op, why } = value;
  const operation = operations.find((one) => one === op);
  if (operation === undefined) return `What can be asked for is: ${operations.join(", ")}.`;
  if (typeof why !== "string") return "The reason is a text.";
  const reason = why.trim();
  if (operation === "abort" && reason === "") return "To abort a run needs a reason: it stands in the record.";
  return { op: operation, why: reason === "" ? "no reason given" : reason };
}
