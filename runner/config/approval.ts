import { createPublicKey, hash, type KeyObject } from "node:crypto";
import { resolve } from "node:path";
import type { ApprovalConfig, ApprovalKey, ApprovalRule } from "../core/model/approval.ts";
import { digest } from "../core/model/item.ts";
import { pemBlocksIn } from "../core/model/pem.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Path, Source } from "../language/source.ts";
import { didYouMean } from "../language/suggest.ts";
import type { Told } from "../language/told.ts";
import { smallFileText } from "./small-file.ts";

/** `approval` as the config says it, its shape checked. */
export interface ApprovalDocument {
  readonly keys?: Readonly<Record<string, { readonly file?: string; readonly pem?: string }>>;
  readonly require?: readonly (Omit<ApprovalRule, "count"> & { readonly count?: number })[];
  readonly not_author?: boolean;
}

export interface CompiledApproval {
  readonly problems: readonly Problem[];
  readonly approval: ApprovalConfig;
}

interface Context {
  readonly source: Source;
  /** Where the shape is wrong, so that nothing more is told of it. */
  readonly told: Told;
  /** Where relative paths begin. */
  readonly folder: string;
}

const maxBytes = 64 * 1024;
const root: Path = ["approval"];

/** Read the keys, and look whether the rules can be fulfilled with them. */
export async function compileApproval(document: ApprovalDocument, context: Context): Promise<CompiledApproval> {
  const { source, told } = context;
  const problems: Problem[] = [];
  const keys: ApprovalKey[] = [];
  for (const [name, written] of Object.entries(document.keys ?? {})) {
    const place = [...root, "keys", name];
    if (told.touches(place)) continue;
    const key = await keyOf(written, context.folder);
    if (!("fault" in key)) keys.push({ name, ...key });
    else problems.push(source.problem({ path: [...place, key.at], ...faultOf(name, key) }));
  }
  const require = (document.require ?? []).map((rule): ApprovalRule => ({ ...rule, count: rule.count ?? 1 }));
  const names = Object.keys(document.keys ?? {});
  for (const [place, rule] of require.entries()) {
    const path = [...root, "require", place];
    if (told.touches(path)) continue;
    problems.push(
      ...unknownNames(rule, names).map((finding) => source.problem({ ...finding, path: [...path, ...finding.path] })),
    );
  }
  const isWhole = problems.length === 0 && !told.touches(root);
  if (isWhole) problems.push(...tooMany(require, keys).map((finding) => source.problem(finding)));
  return { problems, approval: { keys, require, notAuthor: document.not_author ?? false } };
}

type Key = Pick<ApprovalKey, "fingerprint" | "pem">;
interface KeyFault {
  readonly at: "file" | "pem";
  readonly fault: string;
}

async function keyOf(
  { file, pem }: { readonly file?: string; readonly pem?: string },
  folder: string,
): Promise<Key | KeyFault> {
  const at = file === undefined ? "pem" : "file";
  const text = file === undefined ? (pem ?? "") : await smallFileText(resolve(folder, file), maxBytes);
  if (typeof text !== "string") return { at, ...text };
  if (text.includes("PRIVATE KEY-----")) return { at, fault: "holds a private key" };
  const blocks = pemBlocksIn(text);
  if (blocks > 1) return { at, fault: `holds ${blocks} blocks of PEM: one key is one name` };
  const key = publicKey(text);
  if (key === undefined) return { at, fault: "holds no public key in PEM (-----BEGIN PUBLIC KEY-----)" };
  if (key.asymmetricKeyType !== "ed25519")
    return { at, fault: `holds a key of type ${key.asymmetricKeyType}, not of Ed25519` };
  const fingerprint = digest(hash("sha256", key.export({ type: "spki", format: "der" })));
  return { pem: key.export({ type: "spki", format: "pem" }).toString(), fingerprint };
}

function publicKey(text: string): KeyObject | undefined {
  if (!text.includes("-----BEGIN PUBLIC KEY-----")) return undefined;
  try {
    return createPublicKey(text);
  } catch {
    // What the parser says names its own insides, and not what is wrong with the file.
    return undefined;
  }
}

function faultOf(name: string, { at, fault }: KeyFault) {
  const hint = fault.endsWith("a private key")
    ? "Take it out: whoever reads it can approve. The public half of it: openssl pkey -in KEY -pubout"
    : at === "file"
      ? "Name the file of a public key; its path is relative to the config. It is made by: openssl pkey -in KEY -pubout -out FILE"
      : "Write the public key that is made by: openssl pkey -in KEY -pubout";
  return { code: "bad-key", message: `approval.keys.${name}.${at} ${fault}`, hint };
}

function unknownNames({ by = [] }: ApprovalRule, names: readonly string[]) {
  return [...by.entries()].flatMap(([place, name]) => {
    if (names.includes(name)) return [];
    const hint = didYouMean(name, names) ?? "Name a key of approval.keys.";
    return [{ path: ["by", place], code: "unknown-name", message: `there is no key ${name} in approval.keys`, hint }];
  });
}

/** A rule that nobody can fulfil keeps everybody from working, and is found when it is too late. */
function tooMany(rules: readonly ApprovalRule[], keys: readonly ApprovalKey[]) {
  return rules.flatMap(({ count, by }, place) => {
    const counting = keys.filter(({ name }) => by?.includes(name) ?? true);
    const distinct = new Set(counting.map(({ fingerprint }) => fingerprint)).size;
    if (distinct >= count) return [];
    const message = `approval.require[${place}] needs ${count}, and there ${distinct === 1 ? "is one key" : `are ${distinct === 0 ? "no" : distinct} keys`} that can approve`;
    const hint = "One key counts once, whatever it is called: add keys to approval.keys, or ask for fewer.";
    return [{ path: [...root, "require", place], code: "unfulfillable", message, hint }];
  });
}
