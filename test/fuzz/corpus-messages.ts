/** The octets that clients and origins send in the corpus, without the times between them. */
import { type Case, readCases, type Step } from "../corpus/cases.ts";
import { octetsOf, type Places } from "../corpus/octets.ts";

/** What one end of a connection sends. */
export interface CorpusMessages {
  /** The case, and which end it is. */
  readonly id: string;
  /** Who reads it. */
  readonly role: "server" | "client";
  /** The methods of the requests that it answers. */
  readonly methods: readonly string[];
  readonly octets: string;
  /** Whether FIN comes behind it. */
  readonly fin: boolean;
}

const places: Places = {
  mode: "reverse",
  proxy: "a.example",
  origin: "b.example:8080",
  deadPort: 9,
  token: "t",
};

/** All that is sent in the corpus. */
export function corpusMessages(): CorpusMessages[] {
  return readCases("reverse").flatMap((input) => [
    ...sent(input, `${input.id} client`, "server", input.client),
    ...Object.entries(input.origin ?? {}).flatMap(([target, { steps }]) =>
      sent(input, `${input.id} origin ${target}`, "client", steps ?? [])
    ),
    ...sent(input, `${input.id} origin`, "client", input.originRaw ?? []),
    ...sent(input, `${input.id} victim`, "server", input.victim ?? []),
  ]);
}

function sent(
  input: Case,
  id: string,
  role: CorpusMessages["role"],
  steps: readonly Step[],
): CorpusMessages[] {
  const octets = steps.map((step) => {
    if ("send" in step) return octetsOf(step.send, places);
    if ("dribble" in step) return octetsOf(step.dribble, places);
    return "splitAt" in step ? octetsOf(step.parts, places) : "";
  }).join("");
  if (octets === "") return [];
  const methods = input.methods ?? [/^[A-Z]+(?= )/.exec(openingOf(input))?.[0] ?? "GET"];
  return [{ id, role, methods, octets, fin: steps.some((step) => "fin" in step) }];
}

/** What the client says first. */
function openingOf({ client }: Case): string {
  const step = client.find((candidate) => "send" in candidate);
  return step !== undefined && "send" in step ? octetsOf(step.send, places) : "";
}
