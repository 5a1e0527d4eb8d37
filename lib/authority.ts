/**
 * The proxy's own certificate authority: its key, and the certificates that it makes for the servers that it stands for.
 *
 * All of these have one key, made when the process starts and never stored: making a key for each would take longer than
 * the certificate, and protect nobody, as the process has them all.
 */
import { KEY_ALGORITHM, makeCertificate } from "./certificate.ts";
import { makeStore } from "./certificate-store.ts";
import { fromPem, toPem } from "./pem.ts";
import type { PkiCertificate, PkiModules } from "./pki-module.ts";
import type { TlsIdentity } from "./tls.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Clients' clocks are late, some by more than a day. */
const SKEW_DAYS = 2;
/** Browsers take no certificate of a server that counts for 200 days or more. */
const LEAF_DAYS = 190;
const AUTHORITY_DAYS = 3650;

/** The name of every authority; their keys tell them apart. */
const NAME = "sluice";

/** The extension that says whether a certificate is one of an authority. */
const BASIC_CONSTRAINTS = "2.5.29.19";

/** A certificate authority. */
export class Authority {
  /** Its certificate, as DER. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  readonly #modules: PkiModules;
  readonly #keys: CryptoKeyPair;
  readonly #leafKeys: CryptoKeyPair;
  readonly #leafKey: string;

  private constructor(
    modules: PkiModules,
    certificate: Uint8Array<ArrayBuffer>,
    keys: CryptoKeyPair,
    leafKeys: CryptoKeyPair,
    leafKey: string,
  ) {
    this.#modules = modules;
    this.certificate = certificate;
    this.#keys = keys;
    this.#leafKeys = leafKeys;
    this.#leafKey = leafKey;
  }

  /**
   * Makes a new authority.
   *
   * @param modules What makes certificates.
   * @returns All that there is to keep of it, as PEM: the key and the certificate.
   */
  static async make(modules: PkiModules): Promise<string> {
    const keys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
    const certificate = await makeCertificate(modules, {
      subject: NAME,
      authority: true,
      publicKey: keys.publicKey,
      issuer: { name: NAME, keys },
      ...validFor(AUTHORITY_DAYS),
    });
    const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
    return toPem("PRIVATE KEY", key) + toPem("CERTIFICATE", certificate);
  }

  /**
   * Takes up an authority again.
   *
   * @param modules What makes certificates.
   * @param pem What `make` gave.
   * @returns The authority.
   * @throws {TypeError} If that is not what `make` gives: the key must be the certificate's, and that an authority's.
   * @throws {RangeError} If its certificate has expired, or doesn't count yet.
   */
  static async open(modules: PkiModules, pem: string): Promise<Authority> {
    const key = fromPem("PRIVATE KEY", pem);
    const certificate = fromPem("CERTIFICATE", pem);
    if (key === null || certificate === null) throw unusable();
    const keys = await importKeys(key);
    await checkCertificate(readCertificate(modules, certificate), keys.publicKey);
    const leafKeys = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
    const leafKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", leafKeys.privateKey));
    return new Authority(modules, certificate, keys, leafKeys, toPem("PRIVATE KEY", leafKey));
  }

  /** Its certificate, as PEM. */
  get pem(): string {
    return toPem("CERTIFICATE", this.certificate);
  }

  /** The SHA-256 of its certificate, as it is written for people. */
  async fingerprint(): Promise<string> {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", this.certificate));
    return Array.from(digest, (octet) => octet.toString(16).padStart(2, "0").toUpperCase()).join(":");
  }

  /** Its certificate as a store in PKCS #12, without a password: what some systems like to import. */
  async store(): Promise<Uint8Array> {
    return await makeStore(this.#modules, this.certificate);
  }

  /**
   * Makes a certificate for a server.
   *
   * @param name The server's DNS name or numeric address.
   * @returns The certificate and its key.
   */
  async identity(name: string): Promise<TlsIdentity> {
    const certificate = await makeCertificate(this.#modules, {
      subject: name,
      authority: false,
      publicKey: this.#leafKeys.publicKey,
      issuer: { name: NAME, keys: this.#keys },
      ...validFor(LEAF_DAYS),
    });
    return { cert: toPem("CERTIFICATE", certificate), key: this.#leafKey };
  }
}

function validFor(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - SKEW_DAYS * DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

function unusable(cause?: unknown): TypeError {
  return new TypeError(
    "Cannot use the certificate authority as it must be a P-256 key and its certificate in PEM: got something else",
    { cause },
  );
}

function readCertificate({ pki }: PkiModules, der: Uint8Array<ArrayBuffer>): PkiCertificate {
  try {
    return pki.Certificate.fromBER(der.buffer) as PkiCertificate;
  } catch (cause) {
    throw unusable(cause);
  }
}

/** What clients would hold against the certificate with each connection, they hold against it now. */
async function checkCertificate(certificate: PkiCertificate, publicKey: CryptoKey): Promise<void> {
  const attempt = "Cannot use the certificate authority as its";
  const { notBefore, notAfter, subjectPublicKeyInfo, subject, extensions = [] } = certificate;
  const key = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  const certified = subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  if (toPem("CERTIFICATE", certified) !== toPem("CERTIFICATE", key)) {
    throw new TypeError(`${attempt} key must be that of its certificate: got another's`);
  }
  const constraints = extensions.find((extension) => extension.extnID === BASIC_CONSTRAINTS);
  if (constraints?.parsedValue?.cA !== true) {
    throw new TypeError(`${attempt} certificate must be one of an authority: got that of a server`);
  }
  const names = subject.typesAndValues.map(({ value }) => value.valueBlock.value);
  if (names.length !== 1 || names[0] !== NAME) {
    throw new TypeError(`${attempt} certificate must be one that sluice has made: got another's`);
  }
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const now = Date.now();
  if (notAfter.value.getTime() < now) {
    throw new RangeError(`${attempt} certificate must be valid: it has expired on ${day(notAfter.value)}`);
  }
  if (notBefore.value.getTime() > now) {
    throw new RangeError(`${attempt} certificate must be valid: it only is from ${day(notBefore.value)} on`);
  }
}

/** Both keys: the public one is in the private one's JWK. */
async function importKeys(pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKeyPair> {
  try {
    const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, KEY_ALGORITHM, true, ["sign"]);
    const { d: _secret, key_ops: _uses, ...jwk } = await crypto.subtle.exportKey("jwk", privateKey);
    const publicKey = await crypto.subtle.importKey("jwk", jwk, KEY_ALGORITHM, true, ["verify"]);
    return { privateKey, publicKey };
  } catch (cause) {
    throw unusable(cause);
  }
}
