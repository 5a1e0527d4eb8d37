/**
 * The codec, in both roles: it keeps its promises (`codec-reader.ts`), and how octets are cut changes nothing of what it
 * reads, nor of how it refuses.
 */
import assert from "node:assert/strict";
import { type CodecSettings, type Reading, readWithCodec } from "./codec-reader.ts";
import { messages } from "./generate.ts";
import type { Random } from "./random.ts";
import { wireSeeds } from "./seeds.ts";
import { type Target, target } from "./target.ts";

const METHODS = ["GET", "GET", "HEAD", "POST", "CONNECT"];

/** Settings that are made anew. */
export function codecSettings(octets: string, role: CodecSettings["role"], random: Random): CodecSettings {
  return {
    role,
    methods: random.times(1 + random.below(3), () => random.pick(METHODS)),
    upgrade: random.chance(0.2),
    early: random.chance(0.2),
    fin: random.chance(0.4),
    narrow: random.chance(0.15),
    cuts: random.cuts(octets.length),
  };
}

/** Octets by the grammar, with settings. */
export function generateWire(random: Random): { octets: string; settings: CodecSettings } {
  const role = random.pick(["server", "client"] as const);
  const octets = messages(role === "server" ? "requests" : "responses", random);
  return { octets, settings: codecSettings(octets, role, random) };
}

/** Settings for changed octets: other cuts, now and then another of everything. */
export function settleWire(octets: string, settings: CodecSettings, random: Random): CodecSettings {
  const { role } = settings;
  return random.chance(0.3)
    ? codecSettings(octets, role, random)
    : { ...settings, cuts: random.cuts(octets.length) };
}

// Other methods are all alike, and so are the other statuses of a class.
const SPECIAL = /^(?:CONNECT|HEAD|OPTIONS|100|101|204|206|304)$/;

/** What a reading has reached, without what differs from one input to the next. */
export function signature(reading: Reading): string {
  const kinds = reading.messages.map(({ kind, line, version, framing, frames, body, trailers, complete }) => {
    const what = kind === "request" ? SPECIAL.exec(line[0])?.[0] : SPECIAL.exec(line[0])?.[0] ?? line[0][0];
    const size = frames.length > 1 ? "many" : frames.length;
    const has = `${body === "" ? "" : "b"}${trailers.length > 0 ? "t" : ""}${complete ? "" : "!"}`;
    return `${what}/${version}/${framing.kind}/${size}${has}`;
  });
  return `${kinds.slice(0, 2).join(" ")} | ${reading.ending.replace(/: got .*|\d+| that \S+ allows/g, "")}`;
}

const codec: Target<CodecSettings> = {
  name: "codec",
  share: 4,
  seeds: wireSeeds,
  generate: generateWire,
  settle: settleWire,
  check({ octets, settings }) {
    const whole = readWithCodec(octets, settings);
    const cut = readWithCodec(octets, settings, settings.cuts);
    assert.deepEqual(JSON.stringify(cut), JSON.stringify(whole), "cut octets must be read like whole ones");
    return `${settings.role} ${signature(whole)}`;
  },
};

/** The codec, on octets. */
export const codecTarget: Target = target(codec);
