import { createHmac, randomBytes } from "node:crypto";
import { upNow } from "./clock.ts";

/** Who is logged in. Everybody who logs in to the simulator is the same user. */
export interface Passport {
  readonly partnerId: number;
  readonly userId: number;
  readonly roleId: number;
}

export interface VisaOptions {
  readonly ttlMs: number;
  /** Added to the wall clock in the issue time that the visa shows. */
  readonly clockOffsetMs: number;
}

/**
 * Visas of the shape `<partner>-<user>-<role>-<unix seconds>-<hex>`. Any number of a chain are good at once, each until
 * its own age is up; nothing is kept per visa, since every answer carries a new one.
 */
export class Visas {
  readonly #key = randomBytes(32);
  readonly #passport: Passport;
  readonly #options: VisaOptions;
  readonly #revoked = new Set<string>();
  #count = 0;
  #goodSince = 0;

  constructor(passport: Passport, options: VisaOptions) {
    this.#passport = passport;
    this.#options = options;
  }

  /** A new visa, different from all before. */
  issue(): string {
    const { partnerId, userId, roleId } = this.#passport;
    const seconds = Math.floor((Date.now() + this.#options.clockOffsetMs) / 1000);
    const nonce = hex(upNow() * 1000, 14) + hex(this.#count++, 8);
    const shown = `${partnerId}-${userId}-${roleId}-${seconds}-${nonce}`;
    return shown + this.#sign(shown);
  }

  /** False for anything but an unaltered visa of this simulator, younger than the lifetime and not revoked. */
  accepts(visa: unknown): boolean {
    if (typeof visa !== "string" || this.#revoked.has(visa)) return false;
    const shown = visa.slice(0, -signatureLength);
    if (this.#sign(shown) !== visa.slice(-signatureLength)) return false;
    const nonce = shown.slice(shown.lastIndexOf("-") + 1);
    const issued = Number.parseInt(nonce.slice(0, 14), 16) / 1000;
    return issued >= this.#goodSince && upNow() - issued <= this.#options.ttlMs;
  }

  /** One visa is dead from now on; later ones of its chain stay good. */
  revoke(visa: string): void {
    this.#revoked.add(visa);
  }

  /** Every visa issued so far is dead from now on. */
  revokeAll(): void {
    this.#goodSince = upNow();
    this.#revoked.clear();
  }

  #sign(shown: string): string {
    return createHmac("sha256", this.#key).update(shown).digest("hex").slice(0, signatureLength);
  }
}

const signatureLength = 32;

function hex(value: number, digits: number): string {
  return Math.floor(value).toString(16).padStart(digits, "0").slice(-digits);
}
