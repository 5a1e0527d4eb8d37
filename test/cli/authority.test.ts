/**
 * Where the certificate authority is kept: who may see it, that there is only ever one, and what is said when it can't be used.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  chmod,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import * as files from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type AuthorityHost, keptAuthority } from "../../lib/authority-store.ts";
import { KEY_ALGORITHM, makeCertificate } from "../../lib/certificate.ts";
import { toPem } from "../../lib/pem.ts";
import { modules } from "../harness/certificates.ts";
import { Command } from "../harness/command.ts";

async function withFolder(body: (folder: string, host: AuthorityHost) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "sluice-ca-"));
  try {
    await body(join(home, ".sluice"), {
      files,
      hasModes: true,
      userId: userInfo().uid,
      homeFolder: home,
      loadPki: () => Promise.resolve(modules),
    });
  } finally {
    await rm(home, { recursive: true });
  }
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

/** What is kept of an authority as it should be, but for what is asked for; times are days from now. */
async function keyAndCertificate(
  { subject = "sluice", authority = true, otherKey = false, from = -1, to = 1 }: {
    subject?: string;
    authority?: boolean;
    otherKey?: boolean;
    from?: number;
    to?: number;
  },
): Promise<string> {
  const make = () => crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const keys = await make();
  const certificate = await makeCertificate(modules, {
    ...{ subject, authority, publicKey: keys.publicKey, issuer: { name: subject, keys } },
    notBefore: new Date(Date.now() + from * 86_400_000),
    notAfter: new Date(Date.now() + to * 86_400_000),
  });
  const { privateKey } = otherKey ? await make() : keys;
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  return toPem("PRIVATE KEY", key) + toPem("CERTIFICATE", certificate);
}

describe("the certificate authority", () => {
  it("is made in the user's own folder, where nobody else can see it, and is the same the next time", () =>
    withFolder(async (folder, host) => {
      const made = await keptAuthority(undefined, host);
      assert.equal(made.folder, folder);
      assert.equal(await modeOf(folder), "700");
      assert.equal(await modeOf(join(folder, "sluice-ca.pem")), "600");
      const again = await keptAuthority(undefined, host);
      assert.equal(await again.authority.fingerprint(), await made.authority.fingerprint());
    }));

  it("is there in each format, without its key", () =>
    withFolder(async (folder, host) => {
      const { authority } = await keptAuthority(folder, host);
      const names = ["sluice-ca-cert.cer", "sluice-ca-cert.p12", "sluice-ca-cert.pem", "sluice-ca.pem"];
      assert.deepEqual((await readdir(folder)).sort(), names);
      const [cer, p12, pem] = await Promise.all(
        names.slice(0, 3).map((name) => readFile(join(folder, name))),
      );
      for (const bytes of [cer!, p12!, pem!]) assert.ok(!bytes.includes("PRIVATE KEY"));
      assert.equal(new X509Certificate(pem!).raw.compare(cer!), 0);
      assert.ok(p12!.includes(cer!));
      assert.deepEqual(Uint8Array.from(cer!), authority.certificate);
    }));

  it("is one, however many start at once", () =>
    withFolder(async (folder, host) => {
      const kept = await Promise.all(Array.from({ length: 8 }, () => keptAuthority(folder, host)));
      const prints = await Promise.all(kept.map(({ authority }) => authority.fingerprint()));
      assert.equal(new Set(prints).size, 1);
      assert.equal((await readdir(folder)).length, 4);
    }));

  it("takes its public files along when its key is made anew", () =>
    withFolder(async (folder, host) => {
      await keptAuthority(folder, host);
      await rm(join(folder, "sluice-ca.pem"));
      const { authority } = await keptAuthority(folder, host);
      assert.equal(await readFile(join(folder, "sluice-ca-cert.pem"), "utf8"), authority.pem);
    }));

  for (
    const [what, name, mode] of [["its key", "sluice-ca.pem", 0o640], ["its folder", "", 0o710]] as const
  ) {
    it(`is refused if others may get at ${what}, unless files have no modes`, () =>
      withFolder(async (folder, host) => {
        await keptAuthority(folder, host);
        await chmod(join(folder, name), mode);
        await assert.rejects(keptAuthority(folder, host), {
          name: "AuthorityError",
          message: new RegExp(`has mode ${mode.toString(8)}; chmod`),
        });
        await keptAuthority(folder, { ...host, hasModes: false });
      }));
  }

  it("is refused if it can't be understood, and never overwritten", () =>
    withFolder(async (folder, host) => {
      await keptAuthority(folder, host);
      const path = join(folder, "sluice-ca.pem");
      await writeFile(path, "something else");
      await assert.rejects(keptAuthority(folder, host), { name: "AuthorityError", message: /P-256 key/ });
      assert.equal(await readFile(path, "utf8"), "something else");
    }));

  it("is refused if its folder can't be one", () =>
    withFolder(async (folder, host) => {
      await writeFile(folder, "");
      await assert.rejects(keptAuthority(folder, host), {
        name: "AuthorityError",
        message: /must be a folder; choose/,
      });
      await assert.rejects(keptAuthority(`${folder}-not/here`, host), {
        name: "AuthorityError",
        message: /the folder around it must be there: make that/,
      });
    }));

  const unusable: [what: string, change: Partial<Parameters<typeof keyAndCertificate>[0]>, reason: RegExp][] =
    [
      ["whose key is another's", { otherKey: true }, /key must be that of its certificate/],
      ["whose certificate is a server's", { authority: false }, /must be one of an authority/],
      ["that has another name", { subject: "else" }, /must be one that sluice has made/],
      ["that has expired", { from: -10, to: -1 }, /must be valid: it has expired on \d{4}-\d\d-\d\d/],
      ["that doesn't count yet", { from: 2, to: 10 }, /must be valid: it only is from \d{4}-\d\d-\d\d on/],
    ];
  for (const [what, change, reason] of unusable) {
    it(`is refused if it is one ${what}, with what to do`, () =>
      withFolder(async (folder, host) => {
        await keptAuthority(folder, host);
        const path = join(folder, "sluice-ca.pem");
        await writeFile(path, await keyAndCertificate({}));
        await keptAuthority(folder, host);
        await writeFile(path, await keyAndCertificate(change));
        const refusal = (error: Error) => {
          assert.equal(error.name, "AuthorityError");
          assert.match(error.message, reason);
          assert.ok(error.message.includes(`; remove ${path} to have another made`), error.message);
          return true;
        };
        await assert.rejects(keptAuthority(folder, host), refusal);
      }));
  }

  it("is refused if its key lies behind a link", () =>
    withFolder(async (folder, host) => {
      await keptAuthority(folder, host);
      const path = join(folder, "sluice-ca.pem");
      await rename(path, `${folder}.pem`);
      await symlink(`${folder}.pem`, path);
      await assert.rejects(keptAuthority(folder, host), {
        name: "AuthorityError",
        message: /in a file, not/,
      });
      await rm(`${folder}.pem`);
      await assert.rejects(keptAuthority(folder, host), {
        name: "AuthorityError",
        message: /in a file, not/,
      });
    }));

  for (const which of ["", "sluice-ca.pem"]) {
    it(`is refused if ${which === "" ? "its folder" : which} belongs to somebody else, unless that is root`, () =>
      withFolder(async (folder, host) => {
        await keptAuthority(folder, host);
        const owned = (uid: number): AuthorityHost => {
          const ask = (how: typeof stat) => async (path: string) => {
            const facts = await how(path);
            return Object.assign(facts, { uid: path === join(folder, which) ? uid : 1234 });
          };
          return { ...host, userId: 1234, files: { ...files, stat: ask(stat), lstat: ask(lstat) } };
        };
        await keptAuthority(folder, owned(0));
        await assert.rejects(keptAuthority(folder, owned(5)), {
          name: "AuthorityError",
          message: /belongs to user 5; choose/,
        });
      }));
  }

  it("puts its public files in place of links, and not through them", () =>
    withFolder(async (folder, host) => {
      await keptAuthority(folder, host);
      for (const name of ["sluice-ca-cert.pem", "sluice-ca-cert.cer", "sluice-ca-cert.p12"]) {
        const precious = `${folder}-${name}`;
        await writeFile(precious, "precious");
        await rm(join(folder, name));
        await symlink(precious, join(folder, name));
        await keptAuthority(folder, host);
        assert.equal(await readFile(precious, "utf8"), "precious");
        assert.ok((await lstat(join(folder, name))).isFile());
      }
      assert.equal((await readdir(folder)).length, 4);
    }));
});

describe("the command line", () => {
  it("says where it is and how to trust it, but nothing of its key; the environment of a second start finds it", () =>
    withFolder(async (folder) => {
      const texts: string[] = [];
      for (let start = 0; start < 2; start++) {
        await using command = new Command(["-p", "0", "--intercept", "--confdir", folder]);
        await command.ready();
        command.kill();
        texts.push((await command.ended).stderr);
      }
      const [first, second] = texts.map((text) => /SHA-256 ([0-9A-F:]+);/.exec(text)?.[1]);
      assert.ok(first !== undefined);
      assert.equal(first, second);
      const key = await readFile(join(folder, "sluice-ca.pem"), "utf8");
      for (const line of key.split("\n").filter((line) => line.length > 40)) {
        assert.ok(!texts.join().includes(line));
      }
    }));

  it("ends with 2 and one line if the authority can't be used or kept", () =>
    withFolder(async (folder, host) => {
      await keptAuthority(folder, host);
      const path = join(folder, "sluice-ca.pem");
      await writeFile(path, await keyAndCertificate({ otherKey: true }));
      const rows = [[folder, /key must be that of its certificate/], ["/proc/nope", /\/proc\/nope/]] as const;
      for (const [place, reason] of rows) {
        await using command = new Command(["-p", "0", "--intercept", "--confdir", place]);
        const { code, stderr } = await command.ended;
        assert.equal(code, 2);
        assert.match(stderr, reason);
        assert.equal(stderr.trim().split("\n").length, 1);
      }
    }));

  it("ends with 2 if others may see the key", () =>
    withFolder(async (folder, host) => {
      await keptAuthority(folder, host);
      await chmod(join(folder, "sluice-ca.pem"), 0o644);
      await using command = new Command(["-p", "0", "--intercept", "--confdir", folder]);
      const { code, stderr } = await command.ended;
      assert.equal(code, 2);
      assert.match(stderr, /^sluice: Cannot intercept as nobody else may .* has mode 644; chmod 600 it/);
      assert.equal(stderr.trim().split("\n").length, 1);
    }));

  const wrong: [args: string[], reason: RegExp][] = [
    [["--ignore-hosts", "a"], /--ignore-hosts without --intercept/],
    [["--confdir", "/tmp/x"], /--confdir without --intercept/],
    [["--intercept", "--mode", "reverse:http://a"], /Cannot intercept with --mode reverse/],
    [["--intercept-hosts", "https://a"], /--intercept-hosts as it must be a host/],
  ];
  for (const [args, reason] of wrong) {
    it(`says what is wrong with ${args.join(" ")}`, async () => {
      await using command = new Command(["-p", "0", ...args]);
      const { code, stderr } = await command.ended;
      assert.equal(code, 2);
      assert.match(stderr, reason);
    });
  }
});
