import type { Value } from "../../core/model/item.ts";
import { isObject } from "../../core/model/object.ts";
import type { Path } from "../../language/source.ts";
import { parseParts } from "../../language/template.ts";

/** Whether a name says that what bears it is a credential: by its last word, `X-Auth-Token`, `apiKey`, `user_password`. */
function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
  return secretWord.test(words.at(-1) ?? "");
}

const secretWord =
  /^(key|auth|pass|pin|otp|sid)$|(password|passwd|passphrase|passcode|pwd|token|secret|apikey|authkey|authorization|credentials?|cookie)$/;

/** Numbers below are counts and versions. */
const leastNumber = 1000;

/** Whether a text, or a number that can be a PIN, stands for itself: nothing in it is an expression. */
function isLiteral(value: Value): boolean {
  if (typeof value === "number") return Math.abs(value) >= leastNumber;
  if (typeof value !== "string" || value === "") return false;
  const parts = parseParts(value);
  return !Array.isArray(parts) || parts.every((part: object) => "literal" in part);
}

/** Where credentials are written out, as far as names say so. @param name What the value itself is called. */
export function* literalSecrets(value: Value, path: Path, name: string): Generator<Path> {
  if (Array.isArray(value)) {
    for (const [place, element] of (value as readonly Value[]).entries())
      yield* literalSecrets(element, [...path, place], name);
  } else if (isObject(value)) {
    for (const [member, inside] of Object.entries(value)) yield* literalSecrets(inside, [...path, member], member);
  } else if (namesSecret(name) && isLiteral(value)) yield path;
}

/** What to say of one. */
export function literalSecret(place: string): {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
} {
  return {
    code: "literal-secret",
    message: `${place} is written in the file itself`,
    hint: "Declare it under secrets of this service and write ${{ secrets.name }} here.",
  };
}
