// How each kind of proxy is told to stand between the origin and the client: its command line, and the
// configuration or script that it reads, written into the folder of the run.

import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NEEDLE, REPLACEMENT } from "./body.ts";
import { nginxCodingProxy, nginxProxy, writeNginxConfig } from "./nginx.ts";
import { freePort, type Launch } from "./programs.ts";

/** What a proxy needs to be started. */
export interface Surroundings {
  /** The path of its program. */
  readonly program: string;
  readonly originPort: number;
  /** A folder for configuration; it is removed in the end. */
  readonly folder: string;
}

/** Makes the command line of a proxy. */
export type MakeLaunch = (surroundings: Surroundings) => Launch | Promise<Launch>;

/**
 * A proxy of this folder's own, run by Node.
 *
 * @param file Its compiled script.
 * @returns The maker of its command line.
 */
export function ownProxy(file: string): MakeLaunch {
  const script = fileURLToPath(new URL(`./proxies/${file}`, import.meta.url));
  return ({ program, originPort }) => ({ command: program, args: [script, String(originPort)] });
}

/**
 * sluice's own command line.
 *
 * @param cli What the runtime is given to run it.
 * @param script The text of a script, if it is to have one.
 * @returns The maker of its command line.
 */
export function sluice(cli: readonly string[], script?: string): MakeLaunch {
  return ({ program, originPort, folder }) => {
    const mode = `reverse:http://127.0.0.1:${originPort}`;
    const args = [...cli, "-q", "-p", "0", "--mode", mode, "--stream", "0"];
    if (script !== undefined) args.push("-s", writeInto(folder, "script.js", script));
    return { command: program, args };
  };
}

/** The script with which sluice replaces the needle. */
export const SLUICE_REPLACE: string = `export function responseheaders(flow, { replace }) {
  flow.response.stream = replace("${NEEDLE}", "${REPLACEMENT}");
}
`;

/** The script with which sluice replaces the needle in uploads. */
export const SLUICE_REPLACE_UPLOAD: string = `export function requestheaders(flow, { replace }) {
  flow.request.stream = replace("${NEEDLE}", "${REPLACEMENT}");
}
`;

/**
 * nginx as a reverse proxy.
 *
 * @param location Directives for its location, beside those that make it a proxy.
 * @returns The maker of its command line.
 */
export function nginx(location: string): MakeLaunch {
  return async ({ program, originPort, folder }) => {
    const port = await freePort();
    const config = writeNginxConfig(folder, "proxy", nginxProxy(port, originPort, location));
    return { command: program, args: ["-p", folder, "-c", config], port };
  };
}

/**
 * nginx as a reverse proxy that replaces the needle in a body in gzip.
 *
 * @param level The level at which it codes the body again.
 * @returns The maker of its command line.
 */
export function nginxCoded(level: number): MakeLaunch {
  return async ({ program, originPort, folder }) => {
    const port = await freePort();
    const socket = join(mkdtempSync(join(folder, "launch-")), "inner.sock");
    const http = nginxCodingProxy(port, originPort, { socket, inner: NGINX_REPLACE, level });
    return { command: program, args: ["-p", folder, "-c", writeNginxConfig(folder, "coding", http)], port };
  };
}

/** The directives with which nginx replaces the needle. */
export const NGINX_REPLACE: string =
  `sub_filter "${NEEDLE}" "${REPLACEMENT}"; sub_filter_once off; sub_filter_types *;`;

/** HAProxy as a reverse proxy that splices bodies in the kernel. */
export const haproxy: MakeLaunch = async ({ program, originPort, folder }) => {
  const port = await freePort();
  const config = `global
  nbthread 1
defaults
  mode http
  option splice-response
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen proxy
  bind 127.0.0.1:${port}
  server origin 127.0.0.1:${originPort}
`;
  return { command: program, args: ["-db", "-f", writeInto(folder, "haproxy.cfg", config)], port };
};

/**
 * mitmdump as a reverse proxy.
 *
 * @param script The text of a script, which has to have bodies streamed.
 * @returns The maker of its command line.
 */
export function mitmdump(script: string): MakeLaunch {
  return async ({ program, originPort, folder }) => {
    const port = await freePort();
    const mode = `reverse:http://127.0.0.1:${originPort}`;
    const listen = ["--listen-host", "127.0.0.1", "--listen-port", String(port)];
    const options = [
      "--set",
      `confdir=${join(folder, "mitmproxy")}`,
      "-s",
      writeInto(folder, "script.py", script),
    ];
    return { command: program, args: ["-q", "--mode", mode, ...listen, ...options], port };
  };
}

/**
 * sluice's own command line as a forward proxy that opens HTTPS.
 *
 * @param cli What the runtime is given to run it.
 * @param ca The path of the certificate of the authority that tells who the origin is.
 * @returns The maker of its command line.
 */
export function sluiceOpening(cli: readonly string[], ca: string): MakeLaunch {
  return ({ program, folder }) => {
    const confdir = mkdtempSync(join(folder, "launch-"));
    const tls = ["--intercept", "--confdir", confdir, "--upstream-ca", ca];
    return { command: program, args: [...cli, "-q", "-p", "0", "--stream", "0", ...tls] };
  };
}

/**
 * mitmdump as a forward proxy, which opens HTTPS by itself, and streams every body.
 *
 * @param ca The path of the certificate of the authority that tells who the origin is.
 * @returns The maker of its command line.
 */
export function mitmdumpOpening(ca: string): MakeLaunch {
  return async ({ program, folder }) => {
    const port = await freePort();
    const settings = [
      `confdir=${join(folder, "mitmproxy")}`,
      `ssl_verify_upstream_trusted_ca=${ca}`,
    ].flatMap((setting) => ["--set", setting]);
    const script = writeInto(folder, "script.py", MITMPROXY_STREAM);
    const listen = ["--listen-host", "127.0.0.1", "--listen-port", String(port)];
    return { command: program, args: ["-q", ...listen, ...settings, "-s", script], port };
  };
}

/** The script that streams every body, as mitmproxy buffers them otherwise. */
export const MITMPROXY_STREAM: string = `def responseheaders(flow):
    flow.response.stream = True
`;

/** The script as it is usually written, but with the framing set by hand: mitmproxy leaves a stale length. */
export const MITMPROXY_REPLACE: string = `def responseheaders(flow):
    flow.response.headers.pop("content-length", None)
    flow.response.headers["transfer-encoding"] = "chunked"
    flow.response.stream = lambda data: data.replace(b"${NEEDLE}", b"${REPLACEMENT}")
`;

/** Writes a file into a folder of its own, as a subject may be started many times. */
function writeInto(folder: string, name: string, text: string): string {
  const path = join(mkdtempSync(join(folder, "launch-")), name);
  writeFileSync(path, text);
  return path;
}
