/**
 * What keeping a certificate authority takes, by the modules that Node and Deno have in common.
 */
import * as files from "node:fs/promises";
import { homedir, platform } from "node:os";
import process from "node:process";
import type { AuthorityHost } from "../lib/authority-store.ts";

/** Files, and what makes certificates. */
export const authorityHost: AuthorityHost = {
  files,
  hasModes: platform() !== "win32",
  userId: process.getuid?.() ?? 0,
  homeFolder: homedir(),
  loadPki: async () => {
    const [pki, asn1] = await Promise.all([import("pkijs"), import("asn1js")]);
    return { pki, asn1 };
  },
};
