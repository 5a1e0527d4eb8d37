/**
 * What certificates are made with: pkijs and asn1js, as far as they are needed. A runtime hands its own over, when somebody
 * asks; nothing here imports them.
 */

/** A structure that can be encoded. */
export interface Encodable {
  /** The structure in ASN.1. */
  toSchema(encodeFlag?: boolean): { toBER(sizeOnly?: boolean): ArrayBuffer };
}

/** A part of a name. */
export interface PkiNamePart {
  /** What it says. */
  readonly value: { readonly valueBlock: { readonly value: unknown } };
}

/** Something else that a certificate says. */
export interface PkiExtension {
  /** What kind of thing. */
  readonly extnID: string;
  /** That: here, whether it is for an authority. */
  readonly parsedValue?: { readonly cA?: boolean };
}

/** A certificate that is being made, or has been read. */
export interface PkiCertificate extends Encodable {
  /** One less than the version. */
  version: number;
  /** Its number, which no other of the same issuer has. */
  serialNumber: unknown;
  /** From when on it counts. */
  notBefore: { value: Date };
  /** Until when it counts. */
  notAfter: { value: Date };
  /** What else it says. */
  extensions?: PkiExtension[];
  /** Whom it is for. */
  readonly subject: { typesAndValues: PkiNamePart[] };
  /** Who made it. */
  readonly issuer: { typesAndValues: PkiNamePart[] };
  /** The key of whom it is for. */
  readonly subjectPublicKeyInfo: {
    /** The key itself. */
    readonly subjectPublicKey: { readonly valueBlock: { readonly valueHexView: Uint8Array } };
    /** Takes one. */
    importKey(key: CryptoKey): Promise<void>;
  };
  /** Signs it. */
  sign(key: CryptoKey, hash: string): Promise<void>;
}

/** A store of certificates in PKCS #12 (RFC 7292) that is being made. */
export interface PkiStore extends Encodable {
  /** What is in it. */
  readonly parsedValue?: {
    authenticatedSafe?: { makeInternalValues(parameters: { safeContents: object[] }): Promise<unknown> };
  } | undefined;
  /** Puts the checksum in. */
  makeInternalValues(parameters: {
    password: ArrayBuffer;
    iterations: number;
    pbkdf2HashAlgorithm: string;
    hmacHashAlgorithm: string;
  }): Promise<unknown>;
}

/** The package pkijs. */
export interface PkiModule {
  /** A certificate (RFC 5280 4.1). */
  readonly Certificate: { new (): PkiCertificate; fromBER(der: ArrayBuffer): object };
  /** A part of a name. */
  readonly AttributeTypeAndValue: new (parameters: never) => PkiNamePart;
  /** An extension. */
  readonly Extension: new (parameters: never) => PkiExtension;
  /** Whether it is for an authority. */
  readonly BasicConstraints: new (parameters: never) => Encodable;
  /** What its key is for. */
  readonly ExtKeyUsage: new (parameters: never) => Encodable;
  /** A name of a host. */
  readonly GeneralName: new (parameters: never) => object;
  /** Names of hosts. */
  readonly GeneralNames: new (parameters: never) => Encodable;
  /** Which of the issuer's keys has signed it. */
  readonly AuthorityKeyIdentifier: new (parameters: never) => Encodable;
  /** A certificate in a store. */
  readonly CertBag: new (parameters: never) => object;
  /** A thing in a store. */
  readonly SafeBag: new (parameters: never) => object;
  /** Things in a store. */
  readonly SafeContents: new (parameters: never) => object;
  /** The part of a store under its checksum. */
  readonly AuthenticatedSafe: new (parameters: never) => object;
  /** A store. */
  readonly PFX: new (parameters: never) => PkiStore;
}

/** The package asn1js. */
export interface Asn1Module {
  /** A number. */
  readonly Integer: new (parameters: { valueHex: ArrayBuffer }) => object;
  /** A text. */
  readonly Utf8String: new (parameters: { value: string }) => object;
  /** Octets. */
  readonly OctetString: new (parameters: { valueHex: ArrayBuffer }) => { toBER(): ArrayBuffer };
  /** Bits. */
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
