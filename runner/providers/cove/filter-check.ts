import { hole, type FilterFault } from "../../core/model/catalogue.ts";
import { lazily } from "../../core/model/lazily.ts";
import { nearest } from "../../language/suggest.ts";
import { deviceColumns, rowMembers } from "./columns.ts";
import { columnsData } from "./data.ts";
import { tokensOf, type Token } from "./filter-tokens.ts";

/** Most that is told of one filter. */
const mostFaults = 20;

/**
 * What is wrong with a filter in the service's own language, and what is worth knowing of it, in the order of the text. A
 * text with a `hole` in it is known in part: of such a one only the words are looked at.
 */
export function filterFaults(filter: string): readonly FilterFault[] {
  const tokens = tokensOf(filter);
  const foreign = tokens.find((token, place) => isForeign(token, tokens[place + 1]));
  if (foreign !== undefined) return [foreignFault(foreign)];
  const shape = filter.includes(hole) ? undefined : shapeFault(tokens, filter);
  const words = [...wordFaults(tokens)];
  const isNote = (fault: FilterFault): boolean => fault.isNote === true;
  const faults = [...words.filter((fault) => !isNote(fault)), ...(shape ? [shape] : []), ...words.filter(isNote)];
  // A word that is none leaves a gap where it stands: the word says more, and a note says least.
  const once = faults.filter((fault, place) => faults.findIndex(({ offset }) => offset === fault.offset) === place);
  return once.slice(0, mostFaults).toSorted((a, b) => a.offset - b.offset);
}

const operatorWords = ["and", "or", "in", "not"];
const constants: ReadonlySet<string> = new Set(["Product"]);
const functionNames = ["ago", "minutes", "hours", "days", "weeks", "months", "years"];
const ownNames = /^(item|inputs|lookup|row|rows|each|set|before|after|login|page|run)$/;

/** Expressions have names that the service does not know. */
function isForeign({ kind, text }: Token, next: Token | undefined): boolean {
  return kind === "word" && ownNames.test(text) && (next?.text === "." || next?.text === "[");
}

function foreignFault({ text, at }: Token): FilterFault {
  return {
    offset: at,
    code: "bad-filter",
    message: `${text} is a name of Rollcall's expressions, and this is a filter in the service's own language`,
    hint: "Write codes of columns here, such as OT == 1; expressions stand under filter.",
  };
}

/** A keyword is written in small letters or in capitals. */
function keywordOf({ kind, text }: Token): string | undefined {
  if (kind !== "word" || (text !== text.toUpperCase() && text !== text.toLowerCase())) return undefined;
  const word = text.toLowerCase();
  return operatorWords.includes(word) || word === "true" || word === "false" ? word : undefined;
}

/** What stands between two values, at most. */
const binary: ReadonlySet<string> = new Set("== != <> < > <= >= =~ && || + - * / % & and or in".split(" "));
const prefix: ReadonlySet<string> = new Set(["!", "not", "+", "-"]);

/** The first place where values and operators do not take turns, or a parenthesis or a quote has no other. */
function shapeFault(tokens: readonly Token[], { length }: string): FilterFault | undefined {
  const open: Token[] = [];
  let wantsValue = true;
  for (const [place, token] of tokens.entries()) {
    const before = tokens[place - 1];
    const sign = token.kind === "sign" ? token.text : keywordOf(token);
    if (token.kind === "stray") return strayFault(token);
    if (sign === "(") {
      const isCall = before?.kind === "word" && keywordOf(before) === undefined;
      if (!wantsValue && !isCall) return missingOperator(token);
      open.push(token);
      wantsValue = true;
    } else if (sign === ")") {
      const isEmptyCall = before?.text === "(" && isCallAt(tokens, place - 2);
      if (wantsValue && !isEmptyCall) return missingValue(token);
      if (open.pop() === undefined) return badFilter(token.at, "there is no ( in front of this )");
      wantsValue = false;
    } else if (sign === ",") {
      if (open.length === 0) return badFilter(token.at, "a comma stands inside of in ( ) alone");
      if (wantsValue) return missingValue(token);
      wantsValue = true;
    } else if (sign === ".") {
      if (wantsValue || tokens[place + 1]?.kind !== "word") return missingValue(token);
    } else if (sign !== undefined && prefix.has(sign) && wantsValue) continue;
    else if (sign !== undefined && binary.has(sign)) {
      if (wantsValue) return missingValue(token);
      if (sign === "in" && tokens[place + 1]?.text !== "(")
        return badFilter(token.at, `${token.text} wants a list in ( )`);
      wantsValue = true;
    } else {
      if (!wantsValue && before?.text !== ".") return missingOperator(token);
      wantsValue = false;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) return badFilter(unclosed.at, "this ( is never closed");
  return wantsValue && tokens.length > 0 ? badFilter(length, "a value is missing at the end") : undefined;
}

function isCallAt(tokens: readonly Token[], place: number): boolean {
  const token = tokens[place];
  return token?.kind === "word" && keywordOf(token) === undefined;
}

function badFilter(offset: number, message: string, hint?: string): FilterFault {
  return { offset, code: "bad-filter", message, hint };
}

function missingValue({ at, text }: Token): FilterFault {
  return badFilter(at, `a value is missing in front of ${text}`);
}

function missingOperator({ at, text }: Token): FilterFault {
  return badFilter(at, `an operator is missing in front of ${text}`, "Write AND or OR between two conditions.");
}

function strayFault({ at, text }: Token): FilterFault {
  if (text === "=") return badFilter(at, "= is no operator", "Write ==.");
  if (text === "|") return badFilter(at, "| is no operator", "Write ||.");
  if (/["']/.test(text)) return badFilter(at, "the text that begins here does not end", `Write ${text} behind it.`);
  return badFilter(at, `${JSON.stringify(text)} has no meaning in a filter`);
}

function* wordFaults(tokens: readonly Token[]): Generator<FilterFault> {
  const told = new Set<string>();
  let errors = 0;
  for (const [place, token] of tokens.entries()) {
    if (token.kind !== "word" || told.has(token.text) || keywordOf(token) !== undefined) continue;
    const fault = wordFault(token, { before: tokens.slice(Math.max(0, place - 2), place), next: tokens[place + 1] });
    if (fault === undefined) continue;
    told.add(token.text);
    yield fault;
    // Looking for the word that was meant takes time.
    if (fault.isNote !== true && ++errors >= mostFaults) return;
  }
}

interface Beside {
  /** The two in front of it. */
  readonly before: readonly Token[];
  readonly next: Token | undefined;
}

function wordFault(token: Token, { before, next }: Beside): FilterFault | undefined {
  const { text, at } = token;
  if (before.at(-1)?.text === ".") return memberFault(token, { before, next });
  if (next?.text === "." && constants.has(text)) return undefined;
  if (isOperatorSlip(token, before)) return badFilter(at, `there is no operator ${text}`, nearOperator(text));
  if (next?.text !== "(") return columnFault(token);
  if (!functionNames.includes(text)) return noFunction(token);
  return badFilter(at, `${text} stands behind a value and a dot`, timesHint);
}

/** What stands behind a dot. */
function memberFault(token: Token, { before, next }: Beside): FilterFault | undefined {
  const owner = before.at(-2);
  // Which constants there are is not published.
  if (owner?.kind === "word" && constants.has(owner.text)) return undefined;
  if (owner?.kind === "word" && codeOf(owner.text) === undefined) return undefined;
  if (!functionNames.includes(token.text)) return noFunction(token);
  return next?.text === "(" ? undefined : badFilter(token.at, `${token.text} wants ( ) behind it`, timesHint);
}

/** A word behind a value, that is near to one that belongs there. */
function isOperatorSlip({ text }: Token, before: readonly Token[]): boolean {
  const last = before.at(-1);
  const isBehindValue =
    last !== undefined && (last.kind !== "sign" || last.text === ")") && keywordOf(last) === undefined;
  return isBehindValue && deviceColumns().find(text) === undefined && nearOperator(text) !== undefined;
}

const timesHint = "Times are written so: 30.days().ago()";

function noFunction({ text, at }: Token): FilterFault {
  const near = nearest(text, functionNames);
  return badFilter(at, `there is no function ${text}`, near === undefined ? timesHint : `Did you mean ${near}?`);
}

function nearOperator(text: string): string | undefined {
  const near = nearest(text, ["AND", "OR", "IN"]);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

const words = lazily(() => new Set(columnsData().filters.map(({ code }) => code)));

function columnFault({ text, at }: Token): FilterFault | undefined {
  if (words().has(text)) return undefined;
  const facts = deviceColumns().find(text);
  const code = codeOf(text);
  if (facts === undefined || code === undefined || !facts.spellings.includes(text) || rowMembers.has(text)) {
    const known = code === undefined ? undefined : `Write ${code}: a filter knows codes alone.`;
    return {
      offset: at,
      code: "unknown-column",
      message: `there is no column ${text}`,
      hint: known ?? nearColumn(text),
    };
  }
  if (facts.secret)
    return { offset: at, code: "secret-field", message: `${text} is a secret of the item and is never looked at` };
  if (facts.deprecated !== undefined) {
    const { why, use } = facts.deprecated;
    return { offset: at, code: "deprecated-field", message: `${text} is deprecated. ${why}`, hint: `Use ${use}.` };
  }
  if (facts.current === undefined) return undefined;
  const message = `${text} is an old code: today it is ${code}`;
  return { offset: at, code: "old-code", message, hint: `Write ${code}.`, isNote: true };
}

function nearColumn(text: string): string {
  const columns = deviceColumns();
  const codes = columns.codes.filter((code) => !rowMembers.has(code));
  const near = nearest(text, codes) ?? codeOf(nearest(text, columns.names));
  return near === undefined ? "`rollcall catalog columns` lists them." : `Did you mean ${near}?`;
}

/** As a filter knows it. */
function codeOf(name: string | undefined): string | undefined {
  const facts = name === undefined ? undefined : deviceColumns().find(name);
  return facts?.spellings.find((spelling) => !rowMembers.has(spelling));
}
