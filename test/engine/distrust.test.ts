import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { distrustOf } from "../../lib/distrust.ts";

describe("what is held against a certificate", () => {
  const rows: [error: object, vague: Record<string, string>, reason: string | null][] = [
    [{ code: "CERT_HAS_EXPIRED" }, {}, "its certificate has expired"],
    [{ code: "CERT_NOT_YET_VALID" }, {}, "its certificate is not yet valid"],
    [{ code: "CERT_REVOKED" }, {}, "its certificate has been revoked"],
    [{ code: "DEPTH_ZERO_SELF_SIGNED_CERT" }, {}, "its certificate is self-signed"],
    [{ code: "INVALID_PURPOSE" }, {}, "its certificate is not for servers"],
    [{ code: "SELF_SIGNED_CERT_IN_CHAIN" }, {}, "the issuer of its certificate is not trusted here"],
    [{ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }, {}, "the issuer of its certificate is not trusted here"],
    [{ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }, { UNABLE_TO_VERIFY_LEAF_SIGNATURE: "some" }, "some"],
    [{ code: "CERT_CHAIN_TOO_LONG", message: "too long" }, {}, "too long"],
    [
      { code: "ERR_TLS_CERT_ALTNAME_INVALID", cert: { subjectaltname: "DNS:a.test, IP Address:192.0.2.1" } },
      {},
      "its certificate is for a.test, 192.0.2.1",
    ],
    [{ code: "ERR_TLS_CERT_ALTNAME_INVALID", cert: {} }, {}, "its certificate is for no host"],
    [{ code: "ECONNRESET", message: "reset" }, {}, null],
    [{ message: "constructor" }, {}, null],
    [{ code: "constructor" }, {}, null],
  ];
  for (const [error, vague, reason] of rows) {
    it(`is ${reason} for ${JSON.stringify(error)}`, () => assert.equal(distrustOf(error, vague), reason));
  }
});
