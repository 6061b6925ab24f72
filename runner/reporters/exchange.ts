import type { ShownExchange } from "../core/model/ports.ts";
import { cleanText } from "./clean.ts";
import type { Paint } from "./paint.ts";
import { fit } from "./width.ts";

/** One request and its answer for a person: JSON laid out, a long answer cut to so many lines. */
export function exchangeText(
  { method, ms, headers, request, status, answer, trouble, wants, doubts = [] }: ShownExchange,
  { lines, width, paint }: { readonly lines: number; readonly width: number; readonly paint: Paint },
): string {
  const own = Array.from({ length: headers.length / 2 }, (_, place) => headers.slice(2 * place, 2 * place + 2));
  const came = status === undefined ? `no answer: ${cleanText(trouble ?? "")}` : `HTTP ${status}`;
  return [
    paint.strong(`${cleanText(method)}, ${ms} ms`),
    ...own.map(([name = "", value = ""]) => paint.quiet(fit(`> ${cleanText(name)}: ${cleanText(value)}`, width))),
    ...laidOut(request).map((line) => `> ${line}`),
    `< ${came}`,
    ...(wants === undefined ? [] : [paint.quiet(fit(`< www-authenticate: ${cleanText(wants)}`, width))]),
    ...cut(answer === undefined ? [] : laidOut(answer), lines).map((line) => `< ${line}`),
    ...doubts.map((doubt) => paint.doubt(cleanText(doubt))),
  ].join("\n");
}

/** JSON text in lines, with blanks where they help; every line is clean. */
export function laidOut(text: string): readonly string[] {
  if (text === "") return ["(nothing)"];
  return indented(text).split("\n").map(cleanText);
}

/** What is no JSON is shown as it is. */
function indented(text: string): string {
  try {
    // Numbers stay as they were written: parsing them could round them.
    JSON.parse(text);
    return layOut(text);
  } catch {
    return text;
  }
}

/** JSON text with line breaks and blanks where they help, every value as it was. */
function layOut(text: string): string {
  let out = "";
  let depth = 0;
  const line = (): string => `\n${"  ".repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      out += `${token}${line()}`;
    } else if (token === "}" || token === "]") {
      depth -= 1;
      out = /[{[]\s*$/.test(out) ? `${out.trimEnd()}${token}` : `${out}${line()}${token}`;
    } else if (token === ",") out += `,${line()}`;
    else out += token === ":" ? ": " : token;
  }
  return out;
}

function cut(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), `… ${lines.length - most} more lines: --full shows them`];
}
