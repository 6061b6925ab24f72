import type { Catalogue } from "../core/model/catalogue.ts";
import type { Finding, Path } from "../language/source.ts";
import { didYouMean, meant } from "../language/suggest.ts";

type Purpose = "list" | "read" | "change";

/**
 * A call that nothing is known of, where such calls are not made.
 * @param near The name that must be meant, where that is known. @param remedy What to do where no name is near.
 */
export function unknownMethod(
  path: Path,
  call: string,
  {
    catalogue,
    purpose,
    near,
    remedy,
  }: {
    readonly catalogue: Catalogue;
    readonly purpose: Purpose;
    readonly near?: string | undefined;
    readonly remedy?: string | undefined;
  },
): Finding {
  const { configured, methodNames } = catalogue;
  const code = "unknown-method";
  if (configured !== undefined) {
    const message = `methods of ${configured} does not declare ${call}, and undeclared is refuse`;
    const meantName = near ?? meant(call, methodNames);
    const guess = meantName === undefined ? "" : `Did you mean ${meantName}? Else declare`;
    const hint = `${guess || "Declare"} it in the config, under methods of ${configured}: { ${call}: ${kinds[purpose]} }.`;
    return { path, code, message, hint };
  }
  const guess = near === undefined ? didYouMean(call, methodNames) : `Did you mean ${near}?`;
  return { path, code, message: `the catalogue has no method ${call}`, hint: guess ?? remedy };
}

const kinds: Readonly<Record<Purpose, string>> = {
  list: "{ kind: enumerate }",
  read: "{ kind: read }",
  change: "{ kind: change }",
};
