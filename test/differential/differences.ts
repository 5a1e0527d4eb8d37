/**
 * Where the codec and llhttp read the same octets differently, and why: mostly the codec is stricter, since a proxy must
 * not pass on what its next hop may read in another way.
 */

/** A difference, and where it shows. */
export interface Difference {
  /** Why it is right. */
  readonly reason: string;
  /** What is said of it. */
  readonly difference: RegExp;
  /** The samples that show it; all of them, and none that doesn't. */
  readonly samples: readonly string[];
}

/** All that is known. */
export const differences: readonly Difference[] = [
  {
    reason: "llhttp has a list of methods; any token is a method (RFC 9110 9.1).",
    difference: /the line of message 1, llhttp: HPE_INVALID_METHOD/,
    samples: [
      "requests: Case, order and repeats of fields are kept",
      "requests: A method is any token",
      "fr-method-token client",
      "fr-method-lowercase client",
    ],
  },
  {
    reason: "A limit, which Node sets around llhttp and not in it.",
    difference: /at most \d+ (?:empty lines|fields|bytes|interim responses)/,
    samples: [
      "requests: But only a few",
      "fr-headers-5mib client",
      "q-status-431 client",
      "q-status-414 client",
      "res-header-100k origin *",
      "res-1xx-flood origin *",
      "res-10000-fields origin *",
      "req-chunk-ext-1mib client",
    ],
  },
  {
    reason:
      "llhttp skips lone LF and CR where a request begins, and waits for one when FIN comes; RFC 9112 2.2 speaks of CRLF.",
    difference:
      /^the codec refuses: .*request (?:must begin with a method: got 0x0a|head as it must end before the connection does: got 1 bytes)/,
    samples: [
      "requests: A bare LF is no empty line",
      "requests: An empty line that is cut by FIN",
    ],
  },
  {
    reason:
      "llhttp takes HTTP/0.9, HTTP/2.0, and a request line without a version; what is passed on must be HTTP/1.1.",
    difference: /version must be HTTP|got 0x0d at byte 5$/,
    samples: [
      "requests: HTTP/0.9 is refused",
      "requests: HTTP/2 is refused with 505",
      "requests: HTTP/0.9 by name is refused with 505",
      "responses: Another version",
      "req-version-2-0 client",
    ],
  },
  {
    reason: "llhttp takes several spaces behind a method; RFC 9112 3 has one.",
    difference: /got 0x20 at byte 4$/,
    samples: [
      "requests: Two spaces",
      "req-line-two-spaces client",
    ],
  },
  {
    reason: "llhttp takes a fragment in a target; RFC 9112 3.2 has none.",
    difference: /got 0x23/,
    samples: [
      "requests: A target has no fragment",
    ],
  },
  {
    reason: "llhttp does not look at a target's form, nor into its authority (RFC 9112 3.2).",
    difference: /target must have a form/,
    samples: [
      "targets-and-hosts: Asterisk-form is for OPTIONS",
      "targets-and-hosts: No authority",
      "targets-and-hosts: No host",
      "targets-and-hosts: User information",
      "targets-and-hosts: A port that is none",
      "targets-and-hosts: A port that is too large",
      "targets-and-hosts: CONNECT needs a port",
      "targets-and-hosts: and a port that is a number",
      "targets-and-hosts: CONNECT has no scheme",
      "targets-and-hosts: CONNECT has no path",
      "targets-and-hosts: nor user information",
      "req-target-asterisk-get client",
    ],
  },
  {
    reason: "llhttp does not look at Host; Node does at its absence alone (RFC 9112 3.2, RFC 9110 7.2).",
    difference: /must have one Host/,
    samples: [
      "targets-and-hosts: No Host",
      "targets-and-hosts: Two Hosts",
      "targets-and-hosts: Two different Hosts",
      "targets-and-hosts: An empty Host",
      "targets-and-hosts: User information in Host",
      "targets-and-hosts: A path in Host",
      "targets-and-hosts: A space in Host",
      "targets-and-hosts: A list in Host",
      "targets-and-hosts: A scheme in Host",
      "targets-and-hosts: A port that is none in Host",
      "targets-and-hosts: Two ports in Host",
      "targets-and-hosts: A port too large in Host",
      "targets-and-hosts: A bad percent-encoding in Host",
      "targets-and-hosts: An octet above 0x7f in Host",
      "targets-and-hosts: HTTP/1.0 may have no two Hosts either",
      "req-host-missing client",
      "req-host-twice client",
      "req-host-userinfo client",
    ],
  },
  {
    reason: "llhttp counts to 2^64; numbers here are whole up to 2^53.",
    difference: /up to 2\^53-1|at most 2\^53-1/,
    samples: [
      "framing: Content-Length: 9007199254740992",
      "chunked: A size beyond 2^53-1",
      "chunked: A size of 16 digits",
      "req-chunk-overflow-16 client",
    ],
  },
  {
    reason:
      "llhttp takes white space behind `chunked` for another coding; OWS is no part of a value (RFC 9112 5).",
    difference: /llhttp: HPE_INVALID_TRANSFER_ENCODING: Request has/,
    samples: [
      "framing: in any case, with white space",
      "req-te-trailing-ows client",
    ],
  },
  {
    reason:
      "llhttp takes a Transfer-Encoding in HTTP/1.0 for what it says; RFC 9112 6.1 calls that faulty framing.",
    difference: /HTTP\/1.0 must have no Transfer-Encoding/,
    samples: [
      "framing: Transfer-Encoding in HTTP/1.0",
      "responses: Transfer-Encoding in HTTP/1.0",
      "req-te-http10 client",
    ],
  },
  {
    reason:
      "llhttp takes any list of codings that ends in chunked, and reads a response with another one until it is closed; what can't be undone can't be reframed (RFC 9112 6.1).",
    difference: /Transfer-Encoding must be chunked/,
    samples: [
      "framing: Transfer-Encoding: gzip, chunked",
      "framing: Transfer-Encoding: ,chunked",
      "framing: Transfer-Encoding:",
      "responses: Chunked twice",
      "responses: Chunked, but not last",
      "responses: A transfer coding that is not implemented",
      "res-te-unknown origin *",
      "res-te-chunked-twice origin *",
      "res-te-not-final origin *",
    ],
  },
  {
    reason: "llhttp takes no white space in front of an extension; BWS may be there (RFC 9112 7.1.1).",
    difference: /llhttp: HPE_INVALID_CHUNK_SIZE/,
    samples: [
      "chunked: Extensions with white space and quotes",
    ],
  },
  {
    reason: "llhttp takes an extension without the value behind its `=`.",
    difference: /extension must be/,
    samples: [
      "chunked: An extension without a value",
    ],
  },
  {
    reason: "llhttp refuses framing fields in a trailer section; they are dropped (RFC 9110 6.5.1).",
    difference: /llhttp: HPE_INVALID_CONTENT_LENGTH/,
    samples: [
      "trailers: What frames, routes or authenticates is dropped",
      "trailers: If nothing else is there, there are no trailers",
    ],
  },
  {
    reason: "llhttp has all trailers; those that must not be merged are dropped (RFC 9110 6.5.1).",
    difference: /^the trailers/,
    samples: [
      "req-chunk-last-crlf-xx client",
    ],
  },
  {
    reason:
      "llhttp refuses both framing fields in a 204 too; they are dropped, unread, since there is no body (RFC 9112 6.3).",
    difference: /llhttp: HPE_INVALID_TRANSFER_ENCODING: Transfer/,
    samples: [
      "responses: 204 has no body, and may not announce one",
    ],
  },
  {
    reason: "llhttp takes statuses below 100 (RFC 9110 15).",
    difference: /status must be three digits/,
    samples: [
      "responses: A status below 100",
    ],
  },
  {
    reason: "llhttp takes any octets for a reason phrase (RFC 9112 4).",
    difference: /reason phrase must be/,
    samples: [
      "responses: A reason with a NUL",
    ],
  },
  {
    reason: "llhttp skips empty lines where a response begins; RFC 9112 2.2 speaks of requests.",
    difference: /^the codec refuses: .*response must begin .*0x0d/,
    samples: [
      "responses: An empty line before it",
    ],
  },
  {
    reason: "llhttp has not been told that an answer is owed.",
    difference: /response head as it must end/,
    samples: [
      "responses: Cut before the head",
      "responses: Cut behind an interim response",
    ],
  },
  {
    reason: "llhttp leaves what a CONNECT means to its caller, its content too (RFC 9110 9.3.6).",
    difference: /CONNECT must have no content/,
    samples: [
      "connections: A CONNECT has no Content-Length",
      "connections: nor a Transfer-Encoding",
    ],
  },
  {
    reason: "llhttp knows no request that a 101 has to answer (RFC 9110 7.8).",
    difference: /Cannot switch protocols/,
    samples: [
      "connections: A 101 that nobody has asked for",
      "res-101-unsolicited origin *",
      "px-websocket-101 origin *",
    ],
  },
  {
    reason: "llhttp pauses on an upgrade that is asked for, before it is granted.",
    difference: /got 0x81/,
    samples: [
      "px-websocket-101 client",
    ],
  },
];
