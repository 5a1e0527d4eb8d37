/**
 * What is held against a server's certificate, in words that are the same on every runtime, by the names that OpenSSL gives
 * to it, and Node to a wrong name.
 */

const UNKNOWN_ISSUER = "the issuer of its certificate is not trusted here";

const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not yet valid",
  CERT_REVOKED: "its certificate has been revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  INVALID_PURPOSE: "its certificate is not for servers",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
};

const WRONG_NAME = /ALTNAME/;
const OTHERS = /^(?:UNABLE_TO_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|CRL_|INVALID_|PATH_LENGTH_|HOSTNAME_)/;

/** What a runtime says instead, where it has one name for several things. */
export type VagueReasons = Readonly<Record<string, string>>;

/**
 * Tells what is held against a certificate.
 *
 * @param error What the runtime gave.
 * @param vague What the runtime has one name for; default nothing.
 * @returns The reason; `null` if the error is about something else.
 */
export function distrustOf(error: unknown, vague: VagueReasons = {}): string | null {
  const { code, message, cert } = error as { code?: unknown; message?: unknown; cert?: unknown };
  if (typeof code !== "string") return null;
  if (WRONG_NAME.test(code)) return wrongName(cert);
  const known = { ...REASONS, ...vague };
  if (Object.hasOwn(known, code)) return known[code]!;
  return OTHERS.test(code) ? String(message) : null;
}

/** Node tells whom the certificate is for as `DNS:example.com, IP Address:192.0.2.1`. */
function wrongName(cert: unknown): string {
  const { subjectaltname } = (cert ?? {}) as { subjectaltname?: unknown };
  const names = typeof subjectaltname === "string" ? subjectaltname.replace(/(?:DNS|IP Address):/g, "") : "";
  return `its certificate is for ${names === "" ? "no host" : names}`;
}
