/**
 * Which protocols a request may ask to switch to through this proxy, and with which of them it may be answered (RFC 9110
 * 7.8).
 *
 * What follows a 101 is passed on unread. So an offer of another HTTP, or of TLS, is taken off: behind it requests would
 * reach the origin that no hook, rule or limit has seen, and both are about one connection anyhow.
 */
import { ProtocolError } from "./errors.ts";
import { type HeaderList, listMembers } from "./headers.ts";

/** The protocols' names, without versions, that lead past the proxy. */
const UNSEEN: ReadonlySet<string> = new Set(["h2c", "h2", "h3", "http", "tls"]);

/**
 * The protocols that a request asks to switch to, as far as they may be passed on.
 *
 * @param headers The request's fields; `Upgrade` counts only where `Connection` names it.
 * @returns The field's value for the origin, or `null` if there is nothing to ask for.
 */
export function upgradeOf(headers: HeaderList): string | null {
  const offered = headers.get("upgrade");
  if (offered === null || !listMembers(headers.get("connection")).includes("upgrade")) return null;
  const passed = offered.split(",").map((protocol) => protocol.trim()).filter(isPassed);
  return passed.length === 0 ? null : passed.join(", ");
}

function isPassed(protocol: string): boolean {
  return protocol !== "" && !UNSEEN.has(protocol.split("/", 1)[0]!.toLowerCase());
}

/**
 * Checks that a 101 switches to what was asked for, and to nothing else.
 *
 * @param offered What the request asked for; `null` for nothing.
 * @param headers The fields of the 101.
 * @throws {ProtocolError} If nobody asked, or it names no protocol, or one that was not asked for.
 */
export function checkSwitch(offered: string | null, headers: HeaderList): void {
  if (offered === null) throw new ProtocolError("Cannot take a 101 that nobody asked for");
  const asked = listMembers(offered);
  const chosen = listMembers(headers.get("upgrade"));
  if (chosen.length > 0 && chosen.every((protocol) => asked.includes(protocol))) return;
  throw new ProtocolError(
    `Cannot take the 101 as its Upgrade must be what was asked for, ${offered}: got ${
      headers.get("upgrade") ?? "none"
    }`,
  );
}
