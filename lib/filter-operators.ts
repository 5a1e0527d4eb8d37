/**
 * The operators of flow filters, one row each. What is asked of a response before there is one has no subjects, so that
 * nothing matches.
 */
import type { Flow } from "./flow.ts";
import type { HeaderList } from "./headers.ts";

/** An operator, by what follows it. */
export type FilterOperator =
  /** Nothing follows. */
  | { readonly kind: "alone"; readonly test: (flow: Flow) => boolean }
  /** A regular expression follows, which some subject has to match; its flags besides `i`. */
  | {
    readonly kind: "pattern";
    readonly flags?: string;
    readonly subjects: (flow: Flow) => readonly string[];
  }
  /** A number follows. */
  | { readonly kind: "number"; readonly value: (flow: Flow) => number | undefined }
  /** It is known, and can't be had. */
  | { readonly kind: "refused"; readonly why: string };

const whole: FilterOperator = {
  kind: "refused",
  why: "as that would need the whole body, and rules work on bodies that stream",
};

/** The table, by the operators' names. */
export const filterOperators: ReadonlyMap<string, FilterOperator> = new Map<string, FilterOperator>([
  ["all", { kind: "alone", test: () => true }],
  ["q", { kind: "alone", test: (flow) => flow.response === null }],
  ["s", { kind: "alone", test: (flow) => flow.response !== null }],
  ["u", { kind: "pattern", subjects: (flow) => [flow.request.href] }],
  ["d", { kind: "pattern", subjects: hosts }],
  ["m", { kind: "pattern", subjects: (flow) => [flow.request.method] }],
  ["h", { kind: "pattern", flags: "m", subjects: (flow) => [...requestLines(flow), ...responseLines(flow)] }],
  ["hq", { kind: "pattern", flags: "m", subjects: requestLines }],
  ["hs", { kind: "pattern", flags: "m", subjects: responseLines }],
  ["t", { kind: "pattern", subjects: (flow) => [...requestTypes(flow), ...responseTypes(flow)] }],
  ["tq", { kind: "pattern", subjects: requestTypes }],
  ["ts", { kind: "pattern", subjects: responseTypes }],
  ["c", { kind: "number", value: (flow) => flow.response?.status }],
  ["b", whole],
  ["bq", whole],
  ["bs", whole],
]);

/** Where the request goes, and whom it names. */
function hosts({ request }: Flow): string[] {
  const named = request.headers.get("host");
  const { host } = request.target;
  return named === null ? [host] : [host, named.replace(/:\d*$/, "")];
}

function requestLines({ request }: Flow): string[] {
  return [request.headers.serialise()];
}

function responseLines({ response }: Flow): string[] {
  return response === null ? [] : [response.headers.serialise()];
}

function requestTypes({ request }: Flow): string[] {
  return typesOf(request.headers);
}

function responseTypes({ response }: Flow): string[] {
  return response === null ? [] : typesOf(response.headers);
}

function typesOf(headers: HeaderList): string[] {
  return headers.getAll("content-type");
}
