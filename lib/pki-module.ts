/**
 * What certificates are made with: pkijs and asn1js, as far as they are needed. A runtime hands its own over, when somebody
 * asks; nothing here imports them.
 */

/** A structure that can be encoded. */
export interface Encodable {
  /** The structure in ASN.1. */
  toSchema(encodeFlag?: boolean): { toBER(sizeOnly?: boolean): ArrayBuffer };
}

/** A certificate that is being made. */
export interface PkiCertificate extends Encodable {
  version: number;
  serialNumber: unknown;
  notBefore: { value: Date };
  notAfter: { value: Date };
  extensions?: unknown[];
  readonly subject: { typesAndValues: unknown[] };
  readonly issuer: { typesAndValues: unknown[] };
  readonly subjectPublicKeyInfo: { importKey(key: CryptoKey): Promise<void> };
  sign(key: CryptoKey, hash: string): Promise<void>;
}

/** A store of certificates in PKCS #12 (RFC 7292) that is being made. */
export interface PkiStore extends Encodable {
  readonly parsedValue?: {
    authenticatedSafe?: { makeInternalValues(parameters: { safeContents: object[] }): Promise<unknown> };
  } | undefined;
  makeInternalValues(parameters: {
    password: ArrayBuffer;
    iterations: number;
    pbkdf2HashAlgorithm: string;
    hmacHashAlgorithm: string;
  }): Promise<unknown>;
}

/** The package pkijs. */
export interface PkiModule {
  readonly Certificate: { new (): PkiCertificate; fromBER(der: ArrayBuffer): object };
  readonly AttributeTypeAndValue: new (parameters: never) => object;
  readonly Extension: new (parameters: never) => object;
  readonly BasicConstraints: new (parameters: never) => Encodable;
  readonly ExtKeyUsage: new (parameters: never) => Encodable;
  readonly GeneralName: new (parameters: never) => object;
  readonly GeneralNames: new (parameters: never) => Encodable;
  readonly AuthorityKeyIdentifier: new (parameters: never) => Encodable;
  readonly CertBag: new (parameters: never) => object;
  readonly SafeBag: new (parameters: never) => object;
  readonly SafeContents: new (parameters: never) => object;
  readonly AuthenticatedSafe: new (parameters: never) => object;
  readonly PFX: new (parameters: never) => PkiStore;
}

/** The package asn1js. */
export interface Asn1Module {
  readonly Integer: new (parameters: { valueHex: ArrayBuffer }) => object;
  readonly Utf8String: new (parameters: { value: string }) => object;
  readonly OctetString: new (parameters: { valueHex: ArrayBuffer }) => { toBER(): ArrayBuffer };
  readonly BitString: new (parameters: { valueHex: ArrayBuffer; unusedBits: number }) => {
    toBER(): ArrayBuffer;
  };
}

/** Both. */
export interface PkiModules {
  /** The package pkijs. */
  readonly pki: PkiModule;
  /** The package asn1js. */
  readonly asn1: Asn1Module;
}
