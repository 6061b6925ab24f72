import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import { formatVersion } from "../../core/model/events.ts";
import type { Value } from "../../core/model/item.ts";
import type { Answer } from "../../core/model/outcome.ts";
import { reasonOf } from "../../core/model/reason.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import { exchangeText } from "../../reporters/exchange.ts";
import type { ProbeQuestion } from "../../workspace/options.ts";
import type { ProbeReport } from "../../workspace/reports.ts";
import { openDesk, type Desk } from "../desk.ts";
import { isInteractive, type Io } from "../io.ts";
import { defineCommand, workspaceFlags, type WorkspaceFlags } from "../options.ts";
import { methods, services } from "../proposals.ts";
import { Questions } from "../questions.ts";

export type ProbeFlags = WorkspaceFlags & {
  readonly yes: boolean;
  readonly full: boolean;
};

export const command = defineCommand<ProbeFlags, [string, string, string?]>({
  sentence: "Send one call with a service's session, and show what went over the wire",
  parameters: {
    flags: {
      ...workspaceFlags,
      yes: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Send it although nothing says that the method only reads",
      },
      full: { kind: "boolean", default: false, withNegated: false, brief: "Show long answers whole" },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "A service of the config", parse: String, proposeCompletions: services, placeholder: "SERVICE" },
        {
          brief: "The method, as the service writes it",
          parse: String,
          proposeCompletions: methods,
          placeholder: "METHOD",
        },
        {
          brief: "Its params as JSON: a list or a map; @FILE reads them from a file",
          parse: String,
          optional: true,
          placeholder: "PARAMS",
        },
      ],
    },
  },
  run: probe,
});

/** Lines of an answer that are shown where nobody asked for all of them. */
const usualLines = 60;

const exits = { accepted: 0, rejected: 6, lost: 7, "not-acted": 4, withdrawn: 130 } as const;

/** Exit 0: the method gave a result; 6: it was refused; 7: no clear answer; 4: the service was not reached, or turned it away. */
export async function probe(io: Io, flags: ProbeFlags, ...words: [string, string, string?]): Promise<number> {
  const [service, method, params] = words;
  const given = params === undefined ? {} : { params: await paramsOf(io, params) };
  await using desk = await openDesk(io, flags);
  const consent = (question: ProbeQuestion): Promise<boolean> => agreed(desk, flags, question);
  const report = await desk.workspace.probe(service, { method, ...given, consent });
  show(desk, flags, report);
  const { answer } = report;
  if (answer instanceof RunnerError) throw answer;
  return exits[answer.kind];
}

async function agreed(
  { io }: Desk,
  { yes, json }: ProbeFlags,
  { method, service, endpoint }: ProbeQuestion,
): Promise<boolean> {
  if (yes) return true;
  if (!isInteractive(io) || json) return false;
  using questions = new Questions(io);
  const place = `${cleanText(service)} (${cleanText(endpoint)})`;
  const answer = await questions.ask(`${cleanText(method)} may change something. Send it to ${place}, once? [y/N] `);
  return /^y(es)?$/i.test(answer ?? "");
}

function show({ screen }: Desk, { json, full }: ProbeFlags, { answer, ...report }: ProbeReport): void {
  if (json) {
    const told = answer instanceof RunnerError ? { kind: "failed", message: answer.message } : answer;
    screen.result(cleanJson({ v: formatVersion, type: "probe", ...report, answer: told }));
    return;
  }
  const lines = full ? Infinity : usualLines;
  for (const exchange of report.exchanges)
    screen.result(`${exchangeText(exchange, { lines, width: screen.width, paint: screen.paint })}\n`);
  if (answer instanceof RunnerError) return;
  screen.result(`Taken as: ${takenAs(answer)}\n`);
}

function takenAs(answer: Answer): string {
  if (!("failure" in answer)) return answer.kind === "accepted" ? "result" : answer.kind;
  const { class: is, code, message } = answer.failure;
  return `${answer.kind}, class ${is}, ${cleanText(code)}: ${cleanText(message)}`;
}

/** @throws {RunnerError} `usage` */
async function paramsOf(io: Io, written: string): Promise<Value> {
  const text = written.startsWith("@") ? await fileText(resolve(io.cwd, written.slice(1)), written) : written;
  const hint = "A list or a map in JSON: '[\"a\", 1]' or '{\"id\": 7}', in quotes of the shell.";
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new RunnerError("usage", `PARAMS is not JSON: ${cleanText(why)}.`, { cause, hint });
  }
  if (typeof params !== "object" || params === null)
    throw new RunnerError("usage", "PARAMS is neither a list nor a map.", { hint });
  return params as Value;
}

async function fileText(path: string, written: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new RunnerError("usage", `${written} can not be read: ${reasonOf(cause)}.`, {
      cause,
      hint: "Check its path.",
    });
  }
}
