import { credentialReferences, type ServiceDocument } from "../../config/services.ts";
import { RunnerError } from "../../core/model/errors.ts";
import type { Protocol } from "../../core/model/protocol.ts";
import type { Secret } from "../../core/model/secret.ts";
import { okUnless, type Check } from "./check.ts";

/** Whether the secrets that a service uses are to be had, without a character of them. */
export async function secretsCheck(
  protocol: Protocol,
  document: ServiceDocument,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly check: Check; readonly isReady: boolean }> {
  const check = "credentials";
  try {
    const secrets = await protocol.secrets();
    const used = credentialReferences(document.kind ?? "", document, env).filter(({ part }) =>
      Object.hasOwn(secrets, part),
    );
    const found = used.map(({ part, from }) => `${part} from ${from}`).join(", ");
    const advice = used
      .filter(({ part }) => hasMargin(secrets[part]))
      .map(({ part, from }) => marginAdvice(part, from));
    return { check: okUnless({ check, found: found === "" ? "none are used" : found }, advice), isReady: true };
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    const { message, hint, exitCode } = error;
    const advice = hint === undefined ? {} : { advice: hint };
    return { check: { check, status: "failed", found: message, ...advice, exit: exitCode }, isReady: false };
  }
}

/** Whether a secret begins or ends with what nobody sees. */
export function hasMargin(secret: Secret | undefined): boolean {
  const text = secret?.reveal() ?? "";
  return text !== text.trim();
}

export function marginAdvice(part: string, from: string): string {
  return `The ${part} begins or ends with a blank or a line break: look at ${from}.`;
}
