/**
 * A certificate in a store of its own (PKCS #12, RFC 7292): without a key, in clear, and with a checksum under the empty
 * password, as importers want one.
 */
import type { PkiModules } from "./pki-module.ts";

const CERT_BAG = "1.2.840.113549.1.12.10.1.3";
/** Nothing is secret here: the least that is usual. */
const ITERATIONS = 2048;

/**
 * Makes a store.
 *
 * @param modules What makes it.
 * @param certificate The certificate, as DER.
 * @returns The store, as DER.
 */
export async function makeStore(
  { pki }: PkiModules,
  certificate: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const parsed = pki.Certificate.fromBER(certificate.buffer);
  const bag = new pki.CertBag({ parsedValue: parsed } as never);
  const contents = new pki.SafeContents(
    { safeBags: [new pki.SafeBag({ bagId: CERT_BAG, bagValue: bag } as never)] } as never,
  );
  const safe = new pki.AuthenticatedSafe(
    { parsedValue: { safeContents: [{ privacyMode: 0, value: contents }] } } as never,
  );
  const store = new pki.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } } as never);
  await store.parsedValue?.authenticatedSafe?.makeInternalValues({ safeContents: [{}] });
  await store.makeInternalValues({
    password: new ArrayBuffer(0),
    iterations: ITERATIONS,
    pbkdf2HashAlgorithm: "SHA-256",
    hmacHashAlgorithm: "SHA-256",
  });
  return new Uint8Array(store.toSchema().toBER(false));
}
