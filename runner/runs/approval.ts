import { createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import type { ApprovalKey, Approved } from "../core/model/approval.ts";
import type { Person } from "../core/model/events.ts";
import { digest, type Digest } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import type { Login } from "../core/model/frozen.ts";
import type { SavedHeader } from "../core/model/saved.ts";
import { fingerprintOf } from "../ledger/key-fingerprint.ts";

// An approval is a file beside the change set: a statement as the very text that was signed, the key's fingerprint and the
// signature. Nothing is made anew to be checked: the text is what counts, byte by byte.

const fileType = "approval";
const format = 1;
/** A clock that was so much ahead when the approval was given is not this clock. */
const mostSkewMs = 120_000;

/** What a person signs: which changes exactly, where and until when they may be made; who says so, and when. */
export interface ApprovalStatement {
  readonly type: "rollcall-approval";
  readonly format: 1;
  /** Of the saved change set: it covers everything below up to `expires`, and every request. */
  readonly digest: Digest;
  readonly plan: { readonly name: string; readonly digest: Digest };
  readonly inventory: Digest;
  readonly changeSet: Digest;
  readonly method: string;
  readonly destructive: boolean;
  readonly size: number;
  readonly service: { readonly name: string; readonly endpoint: string };
  readonly partner_id: Login["partner_id"];
  /** Wall ms. */
  readonly expires: number;
  /** The program that signed, such as `rollcall/1.2.0`. */
  readonly tool: string;
  /** As the machine of the person who signed names them: nothing proves it but the key. */
  readonly by: Person;
  /** Wall ms. */
  readonly at: number;
}

/** What somebody who approves a saved change set says. */
export function statementOf(
  { header, digest: saved }: SavedRead,
  { tool, by, at }: Pick<ApprovalStatement, "tool" | "by" | "at">,
): ApprovalStatement {
  const { start, enumerated, selected, expires } = header;
  return {
    type: "rollcall-approval",
    format,
    digest: saved,
    plan: { name: start.plan.name, digest: start.plan.digest },
    inventory: enumerated.inventory,
    changeSet: selected.changeSet,
    method: start.change.method,
    destructive: start.change.destructive,
    size: selected.size,
    service: { name: start.service.name, endpoint: start.service.endpoint },
    partner_id: start.login.partner_id,
    expires,
    ...{ tool, by, at },
  };
}

/** The text of the file that holds an approval. @param key Private, Ed25519. */
export function signApproval(statement: ApprovalStatement, key: KeyObject): string {
  const text = JSON.stringify(statement);
  return fileText({
    statement: text,
    key: fingerprintOf(key),
    signature: sign(null, Buffer.from(text), key).toString("base64"),
  });
}

/** A saved change set, read and whole. */
export interface SavedRead {
  readonly header: SavedHeader;
  readonly digest: Digest;
}

export interface Judging {
  readonly saved: SavedRead;
  readonly keys: readonly ApprovalKey[];
  readonly notAuthor: boolean;
  /** Wall ms. */
  readonly now: number;
  readonly tool: string;
}

/** What an approval is worth. `statement`: what it says, wherever its signature is by a known key. */
export type Judged = { readonly fingerprint?: Digest; readonly statement?: ApprovalStatement } & (
  { readonly counts: true; readonly approved: Approved } | { readonly counts: false; readonly why: string }
);

/** Whether the approval that a file holds counts for a change set, and if not, why: the end of a sentence about the file. */
export function judgeApproval(bytes: Buffer, judging: Judging): Judged {
  const read = readFile(bytes);
  if ("fault" in read) return { counts: false, why: read.fault };
  const fingerprint = read.key;
  const found = judging.keys.find((one) => one.fingerprint === fingerprint);
  if (found === undefined) return { fingerprint, counts: false, why: `its key ${fingerprint} is none of the config` };
  if (!isSigned(read, found)) {
    return { fingerprint, counts: false, why: `it was changed: the signature of ${found.name} does not fit` };
  }
  const statement = statementIn(read.statement);
  if (statement === undefined) return { fingerprint, counts: false, why: "what was signed is no approval" };
  const why = whyNot(statement, found, judging);
  if (why !== undefined) return { fingerprint, statement, counts: false, why };
  return { fingerprint, statement, counts: true, approved: { key: found.name, fingerprint, at: statement.at } };
}

/** The key that a file says it was signed with; undefined: it is no approval, or damaged. */
export function keyOfApproval(bytes: Buffer): Digest | undefined {
  const read = readFile(bytes);
  return "fault" in read ? undefined : read.key;
}

interface ApprovalFile {
  readonly statement: string;
  readonly key: Digest;
  readonly signature: string;
}

function fileText({ statement, key, signature }: ApprovalFile): string {
  return `${JSON.stringify({ type: fileType, format, statement, key, signature }, null, 2)}\n`;
}

/** There is one way to write it: a byte more or less is damage. */
function readFile(bytes: Buffer): ApprovalFile | { readonly fault: string } {
  const value = jsonOf(bytes.toString("utf8"));
  if (!isObject(value) || value.type !== fileType) return { fault: "it holds no approval, or is damaged" };
  if (typeof value.format === "number" && value.format > format)
    return { fault: `it was made by a newer Rollcall (format ${value.format})` };
  const { statement, key, signature } = value;
  if (typeof statement !== "string" || typeof key !== "string" || typeof signature !== "string")
    return { fault: "it is damaged: a part of it is missing" };
  const read = { statement, key: digest(key), signature };
  if (Buffer.from(fileText(read)).equals(bytes)) return read;
  return { fault: "it is damaged: it is not as it was written" };
}

function isSigned({ statement, signature }: ApprovalFile, { pem }: ApprovalKey): boolean {
  const bytes = Buffer.from(signature, "base64");
  // Bits that base64 leaves over are no other signature.
  if (bytes.toString("base64") !== signature) return false;
  return verify(null, Buffer.from(statement), createPublicKey(pem), bytes);
}

/** It is signed, so that only its holder can have made it of another shape. */
function statementIn(text: string): ApprovalStatement | undefined {
  const value = jsonOf(text);
  if (!isObject(value) || value.type !== "rollcall-approval" || value.format !== format) return undefined;
  const { at, by, tool } = value;
  if (!Number.isSafeInteger(at) || typeof tool !== "string" || !isObject(by) || typeof by.name !== "string")
    return undefined;
  return value as unknown as ApprovalStatement;
}

function whyNot(statement: ApprovalStatement, key: ApprovalKey, judging: Judging): string | undefined {
  const { saved, notAuthor, now, tool } = judging;
  const { created, expires, start } = saved.header;
  const { at, by } = statement;
  if (statement.digest !== saved.digest) return `it approves another change set (digest ${statement.digest})`;
  const other = differing(statement, saved);
  if (other !== undefined) return `it names another ${other} than the change set`;
  if (majorOf(statement.tool) !== majorOf(tool)) return `it was made by ${statement.tool}; this is ${tool}`;
  if (at > now + mostSkewMs) return `it is dated ${iso(at)}, and it is ${iso(now)} here`;
  if (at < created - mostSkewMs) return `it is dated ${iso(at)}, before the list was read (${iso(created)})`;
  if (at >= expires || now >= expires) return `it has expired with the change set: that was good until ${iso(expires)}`;
  const author = start.by.name;
  if (notAuthor && (author === key.name || author === by.name))
    return `${author} made the change set, and the config says not_author`;
  return undefined;
}

/** The first member that says something else than the change set itself. */
function differing(statement: ApprovalStatement, saved: SavedRead): string | undefined {
  const expected: Readonly<Record<string, unknown>> = { ...statementOf(saved, statement) };
  const said: Readonly<Record<string, unknown>> = { ...statement };
  const names = [...new Set([...Object.keys(expected), ...Object.keys(said)])];
  return names.find((name) => JSON.stringify(said[name]) !== JSON.stringify(expected[name]));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** Versions of one major number read each other's files. */
export function majorOf(tool: string): string {
  return /^[^/]*\/(\d+)\./.exec(tool)?.[1] ?? tool;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
