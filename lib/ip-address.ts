/**
 * IP addresses as numbers, so that one address has one form however it is written, and the ranges that are not the public
 * internet. An IPv4 address is the IPv6 address that it is mapped to (`::ffff:a.b.c.d`, RFC 4291 2.5.5.2).
 */

const MAPPED = 0xffffn << 32n;

interface Range {
  readonly prefix: bigint;
  /** How many bits behind the prefix vary. */
  readonly bits: bigint;
}

const LOOPBACK = ["127.0.0.0/8", "::1/128"].map(rangeOf);

/** Not for strangers: this host, private networks, shared and link-local ones (cloud metadata), tests, multicast. */
const PRIVATE = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "::1/128",
  "64:ff9b:1::/48",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
].map(rangeOf);

/** IPv6 addresses that lead to an IPv4 address, and how many bits are behind that: IPv4-compatible, NAT64, 6to4. */
const CARRIERS = ([["::/96", 0n], ["64:ff9b::/96", 0n], ["2002::/16", 80n]] as const)
  .map(([range, behind]) => ({ range: rangeOf(range), behind }));

/**
 * Reads a numeric address.
 *
 * @param text An IPv4 address of four decimal numbers, or an IPv6 address, perhaps with a zone; no brackets.
 * @returns The address as a number of 128 bits, or `null` if the text is anything else.
 */
export function parseIp(text: string): bigint | null {
  const four = parseFour(text);
  if (four !== null) return MAPPED | four;
  const [, front, last] = /^([0-9a-f:]*:)([0-9a-f]*|[\d.]+)(?:%.*)?$/i.exec(text) ?? [];
  if (front === undefined || last === undefined) return null;
  const tail = parseFour(last);
  const groups = tail === null
    ? front + last
    : `${front}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  return parseGroups(groups);
}

/**
 * An address as octets.
 *
 * @param ip An address, as `parseIp` gives it.
 * @returns 4 octets for an IPv4 address, else 16.
 */
export function ipOctets(ip: bigint): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(16);
  for (let at = 15, rest = ip; at >= 0; at--, rest >>= 8n) octets[at] = Number(rest & 0xffn);
  return ip >> 32n === MAPPED >> 32n ? octets.slice(12) : octets;
}

/**
 * Whether an address is this machine's own, by its range.
 *
 * @param ip An address, as `parseIp` gives it.
 */
export function isLoopback(ip: bigint): boolean {
  return LOOPBACK.some((range) => isIn(ip, range));
}

/**
 * Whether an address stands for all of a machine's addresses; who connects to it reaches the machine itself.
 *
 * @param ip An address, as `parseIp` gives it.
 */
export function isUnspecified(ip: bigint): boolean {
  return ip === 0n || ip === MAPPED;
}

/**
 * Whether an address is not on the public internet, or leads to one that is not.
 *
 * @param ip An address, as `parseIp` gives it.
 */
export function isPrivate(ip: bigint): boolean {
  if (PRIVATE.some((range) => isIn(ip, range))) return true;
  const carrier = CARRIERS.find(({ range }) => isIn(ip, range));
  return carrier !== undefined && isPrivate(MAPPED | (ip >> carrier.behind & 0xffff_ffffn));
}

function parseFour(text: string): bigint | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((value, part) => value << 8n | BigInt(part), 0n);
}

function parseGroups(text: string): bigint | null {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return null;
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...before, ...Array<string>(missing).fill("0"), ...after];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.reduce((value, group) => value << 16n | BigInt(`0x${group}`), 0n);
}

function rangeOf(text: string): Range {
  const [address = "", length] = text.split("/");
  const bits = BigInt((address.includes(":") ? 128 : 32) - Number(length));
  return { prefix: parseIp(address)! >> bits, bits };
}

function isIn(ip: bigint, { prefix, bits }: Range): boolean {
  return ip >> bits === prefix;
}
