import {
  isAlias,
  isScalar,
  visit,
  type Document,
  type Node,
  type Scalar,
  type YAMLError,
  type YAMLMap,
  type YAMLWarning,
} from "yaml";

/** Something about a YAML text. Messages never quote it: what stands there may be a secret. */
export interface Oddity {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What the parser found wrong, in our words where its own would not help. */
export function yamlFault(text: string, { code, message, pos }: YAMLError | YAMLWarning): Oddity {
  switch (code) {
    case "TAG_RESOLVE_FAILED":
      return {
        code: "yaml-tag",
        message: "YAML takes what begins with ! for a tag and drops it",
        hint: "Put quotes around the whole text.",
      };
    case "BAD_ALIAS":
      return {
        code: "yaml-alias",
        message: "YAML takes what begins with * for an alias",
        hint: "Put quotes around the whole text.",
      };
    case "MULTIPLE_DOCS":
      return {
        code: "bad-yaml",
        message: "there is more than one document in the file",
        hint: "Keep one: no line of ---.",
      };
    default:
      return {
        code: "bad-yaml",
        message: message.charAt(0).toLowerCase() + message.slice(1),
        ...quotesHint(lineAround(text, pos[0]), message),
      };
  }
}

/** What YAML allows and a plan does not, because it hides what is meant. */
export function oddities(document: Document.Parsed): readonly (Oddity & { readonly offset: number })[] {
  const found: (Oddity & { readonly offset: number })[] = [];
  const add = (node: unknown, oddity: Oddity | undefined): void => {
    if (oddity) found.push({ offset: (node as Node | null)?.range?.[0] ?? 0, ...oddity });
  };
  visit(document, {
    Map: (_, map) => {
      add(map, markOddity(map));
      for (const key of repeatedKeys(map)) add(key, repeated);
    },
    Pair: (_, { key }) => add(key, isScalar(key) ? keyOddity(key) : undefined),
    Node: (_, node) => {
      add(node, markOddity(node));
      if (isScalar(node)) add(node, numberOddity(node));
    },
  });
  return found;
}

const repeated: Oddity = { code: "duplicate-key", message: "this key is already there", hint: "Keep one of them." };

function* repeatedKeys({ items }: YAMLMap): Generator<Scalar> {
  const seen = new Set<string>();
  for (const { key } of items) {
    if (isScalar(key) && seen.size === seen.add(String(key.value)).size) yield key;
  }
}

function keyOddity({ value }: Scalar): Oddity | undefined {
  if (value === "<<") return { code: "merge-key", message: "merge keys are not read", hint: "Write the keys out." };
  if (value === "__proto__" || value === "$secret" || value === "$int")
    return { code: "bad-key", message: `${value} can not be a key` };
  return undefined;
}

function markOddity(node: Node): Oddity | undefined {
  if (isAlias(node)) return { code: "yaml-alias", message: "aliases are not read", hint: "Write the value out." };
  if ((node as Scalar).anchor !== undefined)
    return { code: "yaml-alias", message: "anchors are not read", hint: "Remove the word that begins with &." };
  if (node.tag !== undefined)
    return { code: "yaml-tag", message: "tags are not read", hint: "If text is meant, put quotes around it." };
  return undefined;
}

function numberOddity({ value, source = "" }: Scalar): Oddity | undefined {
  if (typeof value === "bigint" && /^[-+]?0\d/.test(source)) {
    return {
      code: "leading-zero",
      message: "a number with a leading zero would be read without it",
      hint: "Put quotes around it for a text, or leave the zero out.",
    };
  }
  if (typeof value === "bigint" && !Number.isSafeInteger(Number(value))) {
    return {
      code: "large-number",
      message: "a whole number beyond 2^53 would be rounded",
      hint: "Put quotes around it: whole numbers are read from texts too.",
    };
  }
  if (typeof value === "number" && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    return { code: "large-number", message: "this number can not be carried exactly" };
  }
  return undefined;
}

function lineAround(text: string, offset: number): string {
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0] ?? "";
}

function quotesHint(line: string, message: string): { readonly hint?: string } {
  if (line.includes("${{")) return { hint: 'Inside { … } and [ … ] YAML needs quotes: "${{ … }}".' };
  const isCut = /at node end|nested mappings/i.test(message);
  return isCut
    ? { hint: "If it is one text, put quotes around it: YAML takes `: `, quotes, [ ] and { } for its own." }
    : {};
}
