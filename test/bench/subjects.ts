// Who is compared: sluice on each runtime, and its peers. A subject forwards to the origin, and either passes
// bodies on or replaces the needle in them.

import * as launches from "./launches.ts";
import { findProgram } from "./programs.ts";
import { newestNode, runtimes } from "./runtimes.ts";

/** A proxy that can be started. */
export interface Subject {
  readonly name: string;
  /** How it works; empty where there is one way only. */
  readonly variant: string;
  /** The path of its program, or `null` if it is not installed. */
  readonly program: string | null;
  /** How to install it, to be put behind "not installed". */
  readonly hint?: string;
  readonly launch: launches.MakeLaunch;
  /** Whether it is known to miss needles that lie across the border of two reads. */
  readonly misses?: boolean;
}

/** The names that ratios are given against. */
export const RAW_PIPE = "raw net pipe";
export const NODE_HTTP = "node:http pipe";
export const NGINX = "nginx";
export const SUB_FILTER = "nginx sub_filter";
export const MITMPROXY = "mitmproxy";

const HINT = ": npm ci in test/elsewhere brings it";

/**
 * sluice on each runtime.
 *
 * @param variant What to call the way it works.
 * @param script The text of a script, if it is to have one.
 * @returns A subject for each runtime.
 */
export function sluice(variant = "", script?: string): readonly Subject[] {
  return runtimes.map(({ name, program, cli }) => ({
    name: `sluice on ${name}`,
    variant,
    program,
    hint: HINT,
    launch: launches.sluice(cli, script),
  }));
}

/** Two sockets and a pipe between, on the Node of the benchmark. */
export const rawPipe: Subject = own(RAW_PIPE, "raw-pipe.js", process.execPath);
/** The usual proxy on node:http, on the Node of the benchmark. */
export const nodeHttp: Subject = own(NODE_HTTP, "node-http.js", process.execPath);
/**
 * mockttp, on the newest Node with long-term support, as it wants more than Node 20. Later versions than the one
 * that is locked depend on a native package that can't always be had.
 */
export const mockttp: Subject = { ...own("mockttp", "mockttp.js", newestNode), hint: HINT };
/** nginx with buffers of 64 KiB. */
export const nginx: Subject = nginxWith(NGINX, "");
/** nginx that replaces the needle. */
export const subFilter: Subject = nginxWith(SUB_FILTER, launches.NGINX_REPLACE);
/** HAProxy that splices in the kernel. */
export const haproxy: Subject = {
  name: "HAProxy",
  variant: "",
  program: findProgram("haproxy"),
  launch: launches.haproxy,
};
/** mitmdump that streams every body. */
export const mitmproxy: Subject = mitmproxyWith(launches.MITMPROXY_STREAM);
/** mitmdump that replaces the needle in each read by itself. */
export const mitmproxyReplace: Subject = {
  ...mitmproxyWith(launches.MITMPROXY_REPLACE),
  misses: true,
};

/**
 * nginx with directives.
 *
 * @param name Its name.
 * @param location Directives for its location, beside those that make it a proxy.
 * @returns The subject.
 */
export function nginxWith(name: string, location: string): Subject {
  return { name, variant: "", program: findProgram("nginx"), launch: launches.nginx(location) };
}

/**
 * Forward proxies that open HTTPS: sluice on each runtime, and mitmdump.
 *
 * @param ca The path of the certificate of the authority that tells who the origin is.
 * @returns The subjects.
 */
export function interceptors(ca: string): readonly Subject[] {
  return [
    ...sluice().map((subject, at) => ({ ...subject, launch: launches.sluiceOpening(runtimes[at]!.cli, ca) })),
    { ...mitmproxy, launch: launches.mitmdumpOpening(ca) },
  ];
}

function mitmproxyWith(script: string): Subject {
  return {
    name: MITMPROXY,
    variant: "",
    program: findProgram("mitmdump"),
    launch: launches.mitmdump(script),
  };
}

function own(name: string, file: string, program: string | null): Subject {
  return { name, variant: "", program, launch: launches.ownProxy(file) };
}
