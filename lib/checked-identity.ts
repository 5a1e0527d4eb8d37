/**
 * Certificates and keys in PEM, read before they are needed: some runtimes would find out with the first handshake only that
 * they are none, or don't belong together.
 */
import type { KeyModule } from "./tls-module.ts";
import type { TlsIdentity } from "./tls.ts";

/**
 * Takes the certificates out of a text; what else is there would irritate some runtimes.
 *
 * @param keys The runtime's crypto module.
 * @param pem The text.
 * @returns The certificates, as PEM.
 * @throws {TypeError} If there are none, or one can't be read.
 */
export function checkedChain(keys: KeyModule, pem: string): string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new TypeError("Cannot use the certificate as it must be in PEM: got none");
  for (const block of blocks) read("certificate", () => new keys.X509Certificate(block));
  return blocks.join("\n");
}

/**
 * Takes a certificate and its key out of their texts, which may be one and the same.
 *
 * @param keys The runtime's crypto module.
 * @param identity The texts.
 * @returns The certificate with its chain, and the key.
 * @throws {TypeError} If one of them is missing, can't be read, or isn't the other's.
 */
export function checkedIdentity(keys: KeyModule, { cert, key }: TlsIdentity): TlsIdentity {
  const chain = checkedChain(keys, cert);
  const [block] = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^]*?-----END \1-----/.exec(key) ?? [];
  if (block === undefined) throw new TypeError("Cannot use the private key as it must be in PEM: got none");
  const opened = read("private key", () => keys.createPrivateKey(block));
  if (!new keys.X509Certificate(chain).checkPrivateKey(opened as never)) {
    throw new TypeError("Cannot use the private key as it must be that of the certificate: got another's");
  }
  return { cert: chain, key: block };
}

function read<T>(what: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot use the ${what} as it must be one that can be read: ${reason}`, { cause });
  }
}
