import { X509Certificate } from "node:crypto";
import { smallFileText } from "./small-file.ts";

const maxBytes = 1024 * 1024;

/** Certificates as PEM, or what is wrong with the file, as the end of a sentence about it. */
export type Certificates = { readonly pem: string } | { readonly fault: string };

/** Read a file of certificates; each in it has to be one. */
export async function readCertificates(path: string): Promise<Certificates> {
  const text = await smallFileText(path, maxBytes);
  if (typeof text !== "string") return text;
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return { fault: "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)" };
  const broken = blocks.findIndex((block) => !isCertificate(block));
  return broken === -1 ? { pem: text } : { fault: `holds a certificate that can not be read (number ${broken + 1})` };
}

function isCertificate(block: string): boolean {
  try {
    new X509Certificate(block);
    return true;
  } catch {
    return false;
  }
}
