/**
 * What a command line says about interception, made ready.
 */
import { UsageError } from "./args.ts";
import { keptAuthority } from "./authority-store.ts";
import type { Host } from "./host.ts";
import type { InterceptionOptions } from "./interception.ts";
import type { Log } from "./log.ts";
import { RESERVED_HOST } from "./onboarding.ts";
import type { Settings } from "./options.ts";

/**
 * Makes interception ready: takes up the certificate authority, or makes it, and says so.
 *
 * @param settings What the command line was told.
 * @param host The runtime.
 * @param log Where it is said how to trust it.
 * @returns What the proxy needs; `undefined` if nothing is to be intercepted.
 * @throws {UsageError} If settings contradict one another.
 * @throws {AuthorityError} If the authority can't be kept, or can't be used.
 */
export async function loadInterception(
  settings: Pick<Settings, "intercept" | "interceptHosts" | "ignoreHosts" | "confdir" | "mode">,
  host: Pick<Host, "authorityHost" | "tls">,
  log: Pick<Log, "info">,
): Promise<InterceptionOptions | undefined> {
  const { intercept, interceptHosts, ignoreHosts, confdir, mode } = settings;
  if (!intercept && interceptHosts.length === 0) {
    const lonely = ignoreHosts.length > 0 ? "--ignore-hosts" : confdir !== undefined ? "--confdir" : null;
    if (lonely === null) return undefined;
    throw new UsageError(
      `Cannot use ${lonely} without --intercept or --intercept-hosts as nothing is opened`,
    );
  }
  if (mode.kind === "reverse") {
    throw new UsageError(
      "Cannot intercept with --mode reverse: as its clients speak to it, and not through it; set --tls-cert to " +
        "serve them by TLS",
    );
  }
  const { authority, folder } = await keptAuthority(confdir, host.authorityHost);
  log.info(
    `Opening TLS connections with the certificate authority in ${folder}, SHA-256 ${await authority
      .fingerprint()}; ` +
      `http://${RESERVED_HOST}/ through the proxy tells clients how to trust it`,
  );
  return {
    tls: host.tls,
    authority,
    hosts: intercept ? undefined : interceptHosts,
    ignore: ignoreHosts,
  };
}
