/**
 * What listening where strangers come by implies. A forward proxy that anyone may use fetches anything for anyone, from
 * inside the network that it stands in; so that has to be asked for by name, and then the inside stays out of reach.
 */
import { UsageError } from "./args.ts";
import type { ForwardedPolicy } from "./forwarded.ts";
import { isLoopback, parseIp } from "./ip-address.ts";
import type { Settings } from "./options.ts";

/** The settings that depend on who may come by. */
export interface Exposure {
  /** Whether private addresses are out of reach. */
  readonly blockPrivate: boolean;
  /** The ports that tunnels may lead to; `undefined` for all. */
  readonly connectPorts: readonly number[] | undefined;
  /** What requests must bring. */
  readonly proxyAuth: string | undefined;
  /** What origins are told of clients. */
  readonly forwarded: ForwardedPolicy;
  /** What the user should know, or `null`. */
  readonly warning: string | null;
}

/**
 * Decides what depends on who may come by.
 *
 * @param settings What the command line was told.
 * @param password The user name and password of the environment, for those who keep them off the command line.
 * @returns What holds.
 * @throws {UsageError} If settings contradict one another, or would make an open proxy by accident.
 */
export function exposureOf(settings: Settings, password: string | undefined): Exposure {
  const { allowPublic, allowPrivate, listenHost, mode } = settings;
  const forward = mode.kind !== "reverse";
  const open = !isOwn(listenHost);
  if (!forward && settings.proxyAuth !== undefined) {
    throw new UsageError(
      "Cannot use --proxy-auth with --mode reverse: as its clients see no proxy, they can't answer one",
    );
  }
  if (settings.blockPrivate && allowPrivate) {
    throw new UsageError("Cannot use --block-private with --allow-private as they contradict each other");
  }
  const proxyAuth = forward ? settings.proxyAuth ?? password : undefined;
  const anyone = forward && open && proxyAuth === undefined;
  if (anyone && !allowPublic) {
    throw new UsageError(
      `Cannot listen on ${listenHost} as a forward proxy that others reach must not serve everyone by accident; ` +
        "set --proxy-auth USER:PASSWORD, or --allow-public to serve everyone",
    );
  }
  return {
    blockPrivate: settings.blockPrivate || (forward && open && !allowPrivate),
    connectPorts: settings.connectPorts === undefined
      ? (forward && open ? [443] : undefined)
      : portsOf(settings.connectPorts),
    proxyAuth,
    forwarded: settings.forwarded ?? (!forward && open ? "replace" : "keep"),
    warning: anyone
      ? `Everyone who reaches ${listenHost} can use this proxy: --allow-public is set without --proxy-auth`
      : null,
  };
}

function portsOf(ports: "all" | ReadonlySet<number>): readonly number[] | undefined {
  return ports === "all" ? undefined : [...ports];
}

/** Whether only this machine's own programs reach an address. */
function isOwn(host: string): boolean {
  const ip = parseIp(host);
  return ip === null ? /^localhost$/i.test(host) : isLoopback(ip);
}
