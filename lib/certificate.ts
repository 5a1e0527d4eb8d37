/**
 * Making certificates (RFC 5280): for an authority, by itself, or for a server, by an authority. Keys are P-256: all clients
 * know it, and making and using it is quick.
 */
import { ipOctets, parseIp } from "./ip-address.ts";
import type { Encodable, PkiExtension, PkiModules } from "./pki-module.ts";

/** The keys that certificates are for. */
export const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

/** A certificate to make. */
export interface CertificateRequest {
  /** Whom it is for: the name of an authority, or the DNS name or numeric address of a server. */
  readonly subject: string;
  /** Whether it is for an authority. */
  readonly authority: boolean;
  /** The public key of whom it is for. */
  readonly publicKey: CryptoKey;
  /** Who makes it: the name, and both keys. */
  readonly issuer: { readonly name: string; readonly keys: CryptoKeyPair };
  /** From when on it counts. */
  readonly notBefore: Date;
  /** Until when. */
  readonly notAfter: Date;
}

const OID = {
  commonName: "2.5.4.3",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

/** The first bits of a key's uses: an authority signs certificates and lists of revoked ones, a server handshakes. */
const USES = { authority: { bits: 0b00000110, unused: 1 }, server: { bits: 0b10000000, unused: 7 } } as const;

/** The longest common name (RFC 5280 A.1); a server's longer name is in its alternative names alone. */
const COMMON_NAME_LENGTH = 64;

/** The kinds of alternative names (RFC 5280 4.2.1.6). */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/**
 * Makes a certificate.
 *
 * @param modules What makes it.
 * @param request What it says.
 * @returns The certificate in DER.
 */
export async function makeCertificate(
  modules: PkiModules,
  request: CertificateRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const { pki, asn1 } = modules;
  const { subject, issuer } = request;
  const certificate = new pki.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1.Integer({ valueHex: serialNumber() });
  certificate.notBefore.value = request.notBefore;
  certificate.notAfter.value = request.notAfter;
  const commonName = (value: string) =>
    new pki.AttributeTypeAndValue(
      { type: OID.commonName, value: new asn1.Utf8String({ value }) } as never,
    );
  if (subject.length <= COMMON_NAME_LENGTH) certificate.subject.typesAndValues.push(commonName(subject));
  certificate.issuer.typesAndValues.push(commonName(issuer.name));
  await certificate.subjectPublicKeyInfo.importKey(request.publicKey);
  certificate.extensions = await extensionsOf(modules, request);
  await certificate.sign(issuer.keys.privateKey, "SHA-256");
  return new Uint8Array(certificate.toSchema(true).toBER(false));
}

/** Positive, with 126 bits of chance: nobody could guess it, and no two are the same. */
function serialNumber(): ArrayBuffer {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  octets[0] = octets[0]! & 0x7f | 0x40;
  return octets.buffer;
}

async function extensionsOf(modules: PkiModules, request: CertificateRequest): Promise<PkiExtension[]> {
  const { pki, asn1 } = modules;
  const { authority, issuer, publicKey } = request;
  const add = (extnID: string, critical: boolean, value: ArrayBuffer) =>
    new pki.Extension({ extnID, critical, extnValue: value } as never);
  const encoded = (value: Encodable) => value.toSchema().toBER(false);
  const { bits, unused } = USES[authority ? "authority" : "server"];
  const usage = new asn1.BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits: unused });
  const own = new asn1.OctetString({ valueHex: await keyIdentifier(publicKey) });
  const theirs = new asn1.OctetString({ valueHex: await keyIdentifier(issuer.keys.publicKey) });
  const extensions = [
    add(OID.basicConstraints, true, encoded(new pki.BasicConstraints({ cA: authority } as never))),
    add(OID.keyUsage, true, usage.toBER()),
    add(OID.subjectKeyIdentifier, false, own.toBER()),
    add(
      OID.authorityKeyIdentifier,
      false,
      encoded(new pki.AuthorityKeyIdentifier({ keyIdentifier: theirs } as never)),
    ),
  ];
  if (authority) return extensions;
  return [
    ...extensions,
    add(OID.extKeyUsage, false, encoded(new pki.ExtKeyUsage({ keyPurposes: [OID.serverAuth] } as never))),
    // Where there is no common name, this is all that says whom it is for (RFC 5280 4.2.1.6).
    add(OID.subjectAltName, request.subject.length > COMMON_NAME_LENGTH, altNames(modules, request.subject)),
  ];
}

function altNames({ pki, asn1 }: PkiModules, subject: string): ArrayBuffer {
  const ip = parseIp(subject);
  const name = ip === null
    ? { type: DNS_NAME, value: subject }
    : { type: IP_ADDRESS, value: new asn1.OctetString({ valueHex: ipOctets(ip).buffer }) };
  return new pki.GeneralNames({ names: [new pki.GeneralName(name as never)] } as never)
    .toSchema().toBER(false);
}

/** The hash of a public key's bits, which tells keys of the same name apart (RFC 5280 4.2.1.2). */
async function keyIdentifier(key: CryptoKey): Promise<ArrayBuffer> {
  return await crypto.subtle.digest("SHA-1", await crypto.subtle.exportKey("raw", key));
}
