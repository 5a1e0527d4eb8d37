/**
 * Certificates for tests: an authority, and what it makes for servers, good and bad.
 */
import * as asn1 from "asn1js";
import * as pki from "pkijs";
import { KEY_ALGORITHM, makeCertificate } from "../../lib/certificate.ts";
import { toPem } from "../../lib/pem.ts";
import type { PkiModules } from "../../lib/pki-module.ts";
import type { TlsIdentity } from "../../lib/tls.ts";

/** What certificates are made with. */
export const modules: PkiModules = { pki, asn1 };

const DAY_MS = 24 * 60 * 60 * 1000;

/** An authority of tests. */
export interface TestAuthority {
  /** Its certificate, as PEM. */
  readonly cert: string;
  /** Makes a certificate that has expired so many days ago, or will so many days from now; default in 30 days. */
  identity(name: string, days?: number): Promise<TlsIdentity>;
}

/** Makes an authority. */
export async function makeAuthority(name: string = "tests"): Promise<TestAuthority> {
  const keys = await makeKeys();
  const issuer = { name, keys };
  const dates = (days: number) => ({
    notBefore: new Date(Date.now() - 60 * DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
  });
  const make = async (subject: string, authority: boolean, { publicKey }: CryptoKeyPair, days: number) =>
    toPem(
      "CERTIFICATE",
      await makeCertificate(modules, { subject, authority, publicKey, issuer, ...dates(days) }),
    );
  return {
    cert: await make(name, true, keys, 30),
    identity: async (subject, days = 30) => {
      const own = await makeKeys();
      const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", own.privateKey));
      return { cert: await make(subject, false, own, days), key: toPem("PRIVATE KEY", key) };
    },
  };
}

/** Makes a certificate for a server that is signed by itself. */
export async function selfSigned(subject: string): Promise<TlsIdentity> {
  const keys = await makeKeys();
  const certificate = await makeCertificate(modules, {
    subject,
    authority: false,
    publicKey: keys.publicKey,
    issuer: { name: subject, keys },
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
  });
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { cert: toPem("CERTIFICATE", certificate), key: toPem("PRIVATE KEY", key) };
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}
