/** A browser that trusts the proxy's certificate authority, as users make it do, and a page that is changed while it loads. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { startTlsOrigin, type TlsOrigin } from "../e2e/https.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { Command } from "../harness/command.ts";
import { type Browser, startChromium } from "./chromium.ts";
import { emptyFolder, type Folder, programs } from "./tools.ts";

const run = promisify(execFile);

let folder: Folder;
let origin: TlsOrigin;
let command: Command;
let browser: Browser;
let page: ServerResponse;

before(async () => {
  folder = await emptyFolder();
  const authority = await makeAuthority();
  const ca = join(folder.path, "ca.pem");
  await writeFile(ca, authority.cert);
  origin = await startTlsOrigin(await authority.identity("localhost"), (request, response) => {
    if (request.url !== "/") return void response.writeHead(404).end();
    page = response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    page.write("<!doctype html><p>a foo");
  });
  const confdir = join(folder.path, "sluice");
  command = new Command([
    ...["-p", "0", "--intercept", "--confdir", confdir, "--upstream-ca", ca, "-B", "/foobar/BAZ"],
  ]);
  const { url } = await command.ready();
  // As the page on http://sluice.internal/ says.
  const store = `sql:${join(folder.path, ".pki/nssdb")}`;
  await mkdir(join(folder.path, ".pki/nssdb"), { recursive: true });
  await run(programs.certutil, ["-d", store, "-N", "--empty-password"]);
  const certificate = join(confdir, "sluice-ca-cert.pem");
  await run(programs.certutil, ["-d", store, "-A", "-t", "C,,", "-n", "sluice", "-i", certificate]);
  browser = await startChromium(join(folder.path, "profile"), {
    args: [`--proxy-server=${url}`, "--proxy-bypass-list=<-loopback>"],
    env: { ...process.env as Record<string, string>, HOME: folder.path },
  });
});

after(async () => {
  await browser[Symbol.asyncDispose]();
  await command[Symbol.asyncDispose]();
  await origin[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe("Chromium that trusts the proxy", { timeout: 120_000 }, () => {
  it("shows a page by HTTPS, changed while it loads, before the rest of it is sent", async () => {
    const tab = await browser.newTab();
    const shows = (text: string) =>
      tab.waitForFunction((text) => document.body?.textContent?.trim() === text, text);
    await tab.goto(`https://localhost:${origin.port}/`, { waitUntil: "commit" });
    await shows("a");
    page.write("bar, ");
    await shows("a BAZ,");
    page.end("foobar");
    await shows("a BAZ, BAZ");
    await command.shows("stderr", new RegExp(`GET https://localhost:${origin.port}/\n`));
  });

  it("is told how to trust it, by the proxy itself", async () => {
    const tab = await browser.newTab();
    await tab.goto("http://sluice.internal/");
    const heading = await tab.evaluate(() => document.querySelector("h1")?.textContent, null);
    assert.equal(heading, "Trust this proxy");
  });
});
