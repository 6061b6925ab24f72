import type { Request } from "../../core/model/change.ts";
import { jsonText } from "../../core/model/exact.ts";
import type { ItemExplanation, JudgedClause, Proposal, SentCall } from "../../core/model/explained.ts";
import type { Fields } from "../../core/model/item.ts";
import type { ItemReport } from "../../core/model/told.ts";
import { pick } from "../../core/model/pick.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { laidOut } from "../exchange.ts";
import type { StoryLine } from "../story.ts";
import { changeText, heldText, valueText, withoutSecrets, type Showing } from "../value.ts";
import { hanging, pad, widthOf } from "../width.ts";
import { holdsText, nameText, placeText, runLines, secondsText, sectionsText, type Around } from "./around.ts";

/** Why one item of a run is where it is: as it was read, every clause, what would be sent, and what happened. */
export function itemText(told: ItemExplanation, story: readonly StoryLine[], around: Around): string {
  const { of, item, sent } = told;
  const { zone, paint } = around;
  return sectionsText([
    [paint.strong(`${nameText(item)}: ${verdictText(told)}`), ...otherwiseLines(told, around), ...runLines(of, zone)],
    ["As it was read", ...fieldLines(told, zone)],
    clauseLines(told, around),
    proposalLines(told, around),
    callLines(sent, zone),
    endLines(told, around),
    storyLines(story, around),
  ]);
}

function verdictText({ as, why = "", unchosen, clauses, ended, soFar, of }: ItemExplanation): string {
  switch (as) {
    case "filtered-out": {
      const decided = clauses.find((clause) => clause.decided === true);
      if (unchosen === true) return "not looked at, since this run was about items that had been chosen before";
      return decided === undefined ? "left out by the filter" : `left out by clause ${decided.place + 1} of the filter`;
    }
    case "already":
      return "as desired already, so that nothing was to change";
    case "refused":
      return `refused, since it could not be decided: ${cleanText(why)}`;
    case "selected":
      return of.status === "previewed" ? "to change; nothing was sent" : `to change; ${endText(ended, soFar === true)}`;
  }
}

function endText(ended: ItemReport | undefined, isSoFar: boolean): string {
  if (isSoFar) return `so far it is ${ended?.state ?? "nowhere"}, and the run is not over`;
  return ended?.state === "open" ? "what became of it is open" : `it ended ${ended?.state ?? "nowhere"}`;
}

function otherwiseLines({ otherwise }: ItemExplanation, { width, paint }: Around): readonly string[] {
  if (otherwise === undefined) return [];
  const text = `This program decides otherwise than the record says, which stands: ${cleanText(otherwise)}.`;
  return hanging("", text, width, 0).map(paint.doubt);
}

function fieldLines({ item, of: { types } }: ItemExplanation, zone: string): readonly string[] {
  const { fields, each } = item;
  const names = Object.keys(fields);
  const column = Math.max(0, ...names.map((name) => widthOf(cleanText(name))));
  const lines = names.map(
    (name) => `  ${pad(cleanText(name), column)}  ${heldText(name, fields[name] ?? null, { types, zone })}`,
  );
  return each === undefined ? lines : [...lines, `  in the list of ${valueText(each)}`];
}

function clauseLines({ clauses, item, of }: ItemExplanation, { zone, width, paint }: Around): readonly string[] {
  if (clauses.length === 0) return ["The plan has no filter: every item is to be as it says"];
  const places = clauses.map((clause) => placeText(clause, of));
  const column = Math.max(...places.map((place) => place.length));
  const rows = clauses.flatMap((clause, row) => {
    const { place, result, text } = clause;
    const head = `  ${pad(String(place + 1), 2, "right")}  ${pad(words[result], 7)}  ${pad(places[row] ?? "", column)}  `;
    const colour = result === "false" ? paint.bad : result === "error" ? paint.doubt : (line: string): string => line;
    const below = " ".repeat(15);
    return [
      ...hanging(head, cleanText(text), width, head.length).map((line, at) => (at === 0 ? colour(line) : line)),
      ...remarks(clause, item.fields, { types: of.types, zone }).flatMap((remark) => hanging(below, remark, width, 15)),
    ];
  });
  const holding = clauses.filter(({ result }) => result === "true").length;
  return [`Filter: ${count(holding)} of ${countOf(clauses.length, "clause")} hold`, ...rows];
}

const words = { true: "true", false: "false", error: "error", unread: "unknown" } as const;

/** What there is to say below a clause that did not simply hold. */
function remarks(clause: JudgedClause, fields: Fields, showing: Showing): readonly string[] {
  const { result, names, decided } = clause;
  if (result === "true") return [];
  if (result === "unread") return ["it is about what is read of an item by itself, and this one was not read"];
  const held = holdsText(pick(fields, names), showing);
  return [
    ...(result === "error" ? [`can not be evaluated: ${cleanText(clause.why)}`] : []),
    ...(result === "error" && clause.hint !== undefined ? [cleanText(clause.hint)] : []),
    ...(held === "" ? [] : [held]),
    ...(decided === true ? ["this one decided: the first that says no"] : []),
  ];
}

function proposalLines(told: ItemExplanation, around: Around): readonly string[] {
  const { as, proposal } = told;
  if (proposal === undefined) return [];
  const isPassed = as !== "filtered-out";
  const head = isPassed ? "What the change sets" : "If the filter let it pass";
  return [head, ...bodyLines(proposal, told, around)];
}

function bodyLines(
  proposal: Proposal,
  { of: { types }, item, sent }: ItemExplanation,
  { zone, width }: Around,
): readonly string[] {
  const showing = { types, zone };
  switch (proposal.as) {
    case "selected":
      return [
        ...changeLines(proposal, showing),
        // What was sent is shown below, as it was.
        ...(sent.length > 0 ? [] : ["  and would send", ...requestLines(proposal.request)]),
      ];
    case "already": {
      const desired = Object.entries(proposal.desired);
      if (desired.length === 0) return ["  nothing: change.unless says that it is as wanted"];
      return desired.map(([name, value]) => {
        const found = heldText(name, item.fields[name] ?? null, showing);
        return `  ${cleanText(name)} is ${found}, and is to be ${heldText(name, value, showing)}`;
      });
    }
    case "refused":
      return hanging("  ", `it could not be decided: ${cleanText(proposal.why)}`, width);
    case "unknown":
      return hanging("  ", "what would come of it is not known: it was not read by itself", width);
  }
}

function changeLines({ before, after }: Extract<Proposal, { as: "selected" }>, showing: Showing): readonly string[] {
  const names = Object.keys(after);
  if (names.length === 0) return ["  no field: the call is the change"];
  return names.map((name) => {
    const values = { before: before[name], after: after[name] };
    return `  ${cleanText(name)}  ${changeText(name, values, showing)}`;
  });
}

function requestLines({ method, params, route }: Request): readonly string[] {
  const there = route === undefined ? "" : `, where device ${cleanText(route.device)} lives`;
  return [`  ${cleanText(method)}${there}`, ...laidOut(jsonText(withoutSecrets(params))).map((line) => `    ${line}`)];
}

/** Calls that say the same are told once, with when each of them left. */
function callLines(sent: readonly SentCall[], zone: string): readonly string[] {
  return sent.flatMap(({ id, at, attempt, items, request }, place) => {
    const shared = items > 1 ? `, one call about ${countOf(items, "item")}` : "";
    const head = `${place === 0 ? "What was sent" : "And again"}: attempt ${attempt}, ${momentText(at, zone)}, as JSON-RPC request ${id}${shared}`;
    const earlier = sent[place - 1];
    const isSame = earlier !== undefined && jsonText(earlier.request) === jsonText(request);
    return isSame ? [head] : [head, ...requestLines(request)];
  });
}

const credits = {
  ours: "",
  unsure: ": by us, or by another, since an answer was lost",
  despite: ": although the service had said no",
} as const;

function endLines({ ended, soFar, of: { types } }: ItemExplanation, { zone, width }: Around): readonly string[] {
  if (ended === undefined) return [];
  const { state, by, reason, found, failure, undone } = ended;
  const held = found === undefined ? "" : holdsText(found as Fields, { types, zone });
  const said = failure === undefined ? "" : [failure.code, failure.message].filter((one) => one !== "").join(": ");
  return [
    `${soFar === true ? "How it stands so far" : "How it ended"}: ${state}${by === undefined ? "" : credits[by]}`,
    ...(reason === undefined ? [] : [`  because of: ${reason}`]),
    ...(said === "" ? [] : hanging("  ", `the last that was said: ${cleanText(said)}`, width)),
    ...(held === "" ? [] : [`  found: ${held}`]),
    ...(undone === true ? ["  a read that any effect would show has shown the old values"] : []),
  ];
}

function storyLines(story: readonly StoryLine[], { zone, width }: Around): readonly string[] {
  if (story.length === 0) return [];
  return ["What happened", ...story.flatMap(({ at, text }) => hanging(`  ${momentText(at, zone)}  `, text, width))];
}

/** To the millisecond: of what happens to one item, much happens in one second. */
function momentText(ms: number, zone: string): string {
  const text = secondsText(Math.floor(ms / 1000), zone);
  return text.replace(/(?<=T\d\d:\d\d:\d\d)/, `.${String(Math.floor(ms) % 1000).padStart(3, "0")}`);
}
