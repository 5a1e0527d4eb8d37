/**
 * The cases: what a client and an origin do on their connections with a proxy between them, and what may come of it.
 * They lie in cases/*.json; README.md says how to read and write them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { root } from "../harness/project.ts";

/** How a proxy is asked: as an origin, or as a proxy. */
export type ProxyMode = "reverse" | "forward";

/** A piece of octets; in text, one character is one octet, and `{words}` are filled in. */
export type Part =
  | string
  /** A text many times. */
  | { readonly repeat: string; readonly times: number }
  /** So many octets that differ from place to place. */
  | { readonly pattern: number }
  /** The same in wire chunks of these sizes, which come round again, with the last chunk. */
  | { readonly chunked: number; readonly sizes: readonly number[] };

/** Octets: one piece, or several one after the other. */
export type Octets = Part | readonly Part[];

/** What a step waits for: all that is given. */
export interface Condition {
  /** So many complete final responses on this connection. */
  readonly responses?: number;
  /** A text on this connection. */
  readonly text?: string;
  /** A text on some connection of a client. */
  readonly clientText?: string;
  /** A text on some connection of an origin. */
  readonly originText?: string;
  /** The end of this connection. */
  readonly gone?: true;
  /** So many octets behind a request's head. */
  readonly tunnel?: number;
}

/** What one end of a connection does next; times are in milliseconds. */
export type Step =
  /** Sends, if the request that came has the field `ifHeader`. */
  | { readonly send: Octets; readonly ifHeader?: string }
  /** Sends `size` octets (1) every so often. */
  | { readonly dribble: Octets; readonly size?: number; readonly every?: number }
  /** Sends in two parts, cut where `eachSplit` is at the moment. */
  | { readonly splitAt: true; readonly parts: Octets }
  | { readonly wait: number }
  | { readonly fin: true }
  | { readonly rst: true }
  /** Stops to read. */
  | { readonly pause: true }
  /** Sends up to so many octets while somebody takes them, and notes how many went. */
  | { readonly flood: number; readonly ms: number; readonly mark: string }
  /** Waits until it is so, or no longer, and notes which. */
  | { readonly until: Condition; readonly mark?: string };

/** What the origin does on a request; without steps, it answers 200 with `ok:` and the target's last part. */
export interface Answer {
  /** When it begins: with the request's head, or when all of it is there, which is the default. */
  readonly when?: "head" | "message";
  readonly steps?: readonly Step[];
  /** Whether the connection stays open for another request; default not. */
  readonly keep?: boolean;
  /** After how long a silence it answers an incomplete request as it is; default 350 ms. */
  readonly idle?: number;
  /** Whether it never does that. */
  readonly noIdle?: boolean;
  /** How long it waits after an answer before FIN; default 60 ms. */
  readonly linger?: number;
}

/** A claim about what was seen: its name, and what it is about. */
export type Claim = string | readonly [name: string, ...args: readonly unknown[]];

/** An outcome that is accepted: all its claims hold. */
export interface Outcome {
  readonly name: string;
  readonly all: readonly Claim[];
}

/** A case. */
export interface Case {
  readonly id: string;
  readonly category: string;
  /** `must`: a MUST of the RFCs, or a hole; `should`: a SHOULD, or a limit; `quality`: what a streaming proxy is for. */
  readonly level: "must" | "should" | "quality";
  readonly title: string;
  /** The modes that it makes sense in; default both. */
  readonly modes?: readonly ProxyMode[];
  readonly client: readonly Step[];
  /** The methods of the client's requests, where they aren't all like GET. */
  readonly methods?: readonly string[];
  /** How many final responses the client waits for; default 1. */
  readonly expect?: number;
  /** What the origin answers, by the target's last part; `*` is for the others. */
  readonly origin?: Readonly<Record<string, Answer>>;
  /** What the origin does on a connection without reading requests. */
  readonly originRaw?: readonly Step[];
  /** What another client does afterwards, `victimDelay` later. */
  readonly victim?: readonly Step[];
  readonly victimDelay?: number;
  /** Whether the origin's connections stay open: one may carry several requests. */
  readonly keep?: boolean;
  /** Octets; the case is played once for each place to cut them in two. */
  readonly eachSplit?: Octets;
  /** Whether nothing else may run beside it. */
  readonly serial?: boolean;
  /** Whether it moves so much that little else should run beside it. */
  readonly heavy?: boolean;
  /** `timeouts`: it waits for the proxy's patience to end. */
  readonly tags?: readonly string[];
  /** Whether the connection becomes a tunnel after its first request. */
  readonly upgrade?: boolean;
  /** How long the client listens after the last response, for more that shouldn't come. */
  readonly settle?: number;
  /** How long to look on after the clients are done. */
  readonly linger?: number;
  /** One of these has to be what was seen. */
  readonly accept: readonly Outcome[];
}

/** Reads all cases that make sense in a mode. */
export function readCases(mode: ProxyMode): Case[] {
  const folder = new URL("test/corpus/cases/", root);
  const files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  const cases = files.flatMap((name) => {
    const file = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { cases: Case[] };
    return file.cases;
  });
  return cases.filter(({ modes }) => modes === undefined || modes.includes(mode));
}
