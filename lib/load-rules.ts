/**
 * Makes the rules of a command line ready: reads the files that they name, and tells of what may not be what was meant: a
 * filter in the wrong place, an expression that may take for ever. Files are read once, when the command starts.
 */
import { UsageError } from "./args.ts";
import type { BodyRuleText } from "./body-rules.ts";
import { checkField, type HeaderRuleText } from "./header-rules.ts";
import type { Host } from "./host.ts";
import type { Log } from "./log.ts";
import type { Settings } from "./options.ts";
import type { RuleText } from "./rule-text.ts";
import type { Rules } from "./rules.ts";

/** What is needed of the runtime. */
export type RuleHost = Pick<Host, "readFile" | "isRisky">;

/**
 * Makes the rules of a command line ready.
 *
 * @param settings What the command line was told.
 * @param host The runtime.
 * @param log Where doubtful rules are told.
 * @returns The rules.
 * @throws {UsageError} If a file can't be read, or has what no field may have.
 */
export async function loadRules(
  settings: Pick<Settings, "modifyBody" | "modifyHeaders">,
  host: RuleHost,
  log: Pick<Log, "warn">,
): Promise<Rules> {
  const { modifyBody, modifyHeaders } = settings;
  for (const rule of modifyBody) {
    warnOfFilter("--modify-body", rule, log);
    warnOfRisks("--modify-body", rule, [rule.pattern.regexp], host, log);
  }
  for (const rule of modifyHeaders) {
    warnOfFilter("--modify-headers", rule, log);
    warnOfRisks("--modify-headers", rule, [], host, log);
  }
  const body = modifyBody.map(async (rule) => ({ ...rule, replacement: await bodyValue(rule, host) }));
  const headers = modifyHeaders.map(async (rule) => ({
    ...rule,
    replacement: await headerValue(rule, host),
  }));
  return { body: await Promise.all(body), headers: await Promise.all(headers) };
}

function warnOfFilter(option: string, rule: RuleText, log: Pick<Log, "warn">): void {
  if (!rule.looksFiltered) return;
  log.warn(
    `${option} ${JSON.stringify(rule.written)}: ${
      JSON.stringify(rule.subject)
    } looks like a filter, and is taken for ` +
      "what is to be changed, as the rule has two parts; one with a filter has three",
  );
}

function warnOfRisks(
  option: string,
  { written, filter }: RuleText,
  patterns: readonly RegExp[],
  host: RuleHost,
  log: Pick<Log, "warn">,
): void {
  for (const { source } of [...filter.patterns, ...patterns]) {
    // What checks expressions knows no lookbehind; for the risk it is a group like others.
    if (!host.isRisky(source.replace(/\(\?<[=!]/g, "(?:")) && !repeatsOverlap(source)) continue;
    log.warn(
      `${option} ${JSON.stringify(written)}: some texts may keep the expression ${
        JSON.stringify(source)
      } busy ` +
        "for ever, as it repeats what repeats; write it without that",
    );
  }
}

/** Whether it repeats alternatives of which one begins as another: `(a|a)*`. Only plain texts and `.` are told. */
function repeatsOverlap(source: string): boolean {
  const repeated = source.matchAll(/\((?:\?:)?([^()[\]\\]*\|[^()[\]\\]*)\)(?:[*+]|\{\d+,\d*\})/g);
  return [...repeated].some(([, body = ""]) => {
    const options = body.split("|");
    return options.some((option, i) =>
      options.some((other, j) => i !== j && (option === "." || other.startsWith(option)))
    );
  });
}

async function bodyValue({ value, written }: BodyRuleText, host: RuleHost): Promise<string | Uint8Array> {
  return value.kind === "text" ? value.text : await read("--modify-body", written, value.path, host);
}

async function headerValue({ subject, value, written }: HeaderRuleText, host: RuleHost): Promise<string> {
  if (value.kind === "text") return value.text;
  const bytes = await read("--modify-headers", written, value.path, host);
  const text = new TextDecoder("latin1").decode(bytes).replace(/\r?\n$/, "");
  try {
    checkField(subject, text);
  } catch (cause) {
    throw new UsageError(
      `Cannot use --modify-headers ${JSON.stringify(written)}: ${(cause as Error).message}`,
      { cause },
    );
  }
  return text;
}

async function read(option: string, written: string, path: string, host: RuleHost): Promise<Uint8Array> {
  try {
    return await host.readFile(path);
  } catch (cause) {
    throw new UsageError(
      `Cannot use ${option} ${JSON.stringify(written)} as its file must be readable: ${
        (cause as Error).message
      }`,
      { cause },
    );
  }
}
