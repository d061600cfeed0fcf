import type { Evidence } from '../../engine/model.ts';
import { withoutCredentials } from '../../formats/url-credentials.ts';
import {
  parseWaagentConf,
  type WaagentAssignment,
  type WaagentProblem,
  waagentInt,
  waagentSwitch,
} from '../../formats/waagent-conf.ts';
import {
  isWaagentKey,
  waagentInts,
  waagentKeyLike,
  waagentKeyMeantBy,
  waagentLegacySwitches,
  waagentNumbersReadAsSwitch,
  waagentStrings,
  waagentSwitches,
} from '../../formats/waagent-keys.ts';
import { waagentOddities } from '../../formats/waagent-oddities.ts';
import type {
  AgentConfiguration,
  AgentConfigurationDefect,
  AgentConfigurationProblem,
  AgentSetting,
  RejectedValue,
} from '../agent.ts';

/** Decodes as the agent does: the whole file, strictly, with a byte order mark left in place. */
export function readConfiguration(
  path: string,
  bytes: Uint8Array | undefined,
  legacyProvisioning: boolean,
): AgentConfiguration | AgentConfigurationDefect {
  if (bytes === undefined) return { path, defect: 'missing' };
  if (bytes.length === 0) return { path, defect: 'empty' };
  const text = decode(bytes);
  if (text === undefined) return { path, defect: 'not-utf8', offset: firstInvalidByte(bytes) };
  return configurationFrom(path, text, legacyProvisioning);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function configurationFrom(path: string, text: string, legacyProvisioning: boolean): AgentConfiguration {
  const { assignments, problems } = parseWaagentConf(text);
  const lines = text.split('\n');
  const last = new Map<string, WaagentAssignment>();
  for (const assignment of assignments) last.set(assignment.key, assignment);
  const evidenceAt = (line: number): Evidence => ({ path, line, text: withoutCredentials(lines[line - 1] ?? '') });
  const textOf = (key: string) => last.get(key)?.value;

  function setting<T>(key: string, convert: (value: string) => T | undefined, fallback: T): AgentSetting<T> {
    const assignment = last.get(key);
    if (assignment?.value === undefined) return { value: fallback };
    const value = convert(assignment.value);
    const evidence = evidenceAt(assignment.line);
    return value === undefined ? { value: fallback, evidence, rejected: assignment.value } : { value, evidence };
  }
  function switchOf(key: string): AgentSetting<boolean> {
    const fallback = waagentSwitches.get(key) ?? waagentLegacySwitches.get(key) ?? false;
    return setting(key, waagentSwitch, typeof fallback === 'string' ? switchOf(fallback).value : fallback);
  }
  function intOf(key: string): AgentSetting<number | undefined> {
    const convert = waagentNumbersReadAsSwitch.has(key) ? () => undefined : waagentInt;
    const fallback = waagentInts.get(key);
    return setting(key, convert, typeof fallback === 'string' ? intOf(fallback).value : fallback);
  }

  const inForce = assignments.filter((assignment) => last.get(assignment.key) === assignment);
  const misspelt = inForce.flatMap(({ key, line }): readonly WaagentProblem[] => {
    const meant = waagentKeyMeantBy(key);
    if (meant === undefined) return [];
    return [{ line, effect: 'lost', key: meant, message: `the agent knows no key ${key}; it reads ${meant}` }];
  });
  const unknownKeys = inForce
    .filter(({ key }) => !isWaagentKey(key) && waagentKeyMeantBy(key) === undefined && !/^\ufeff?[#;]/.test(key))
    // What a line with such a key meant to set is among the problems.
    .filter(({ line }) => !problems.some((problem) => problem.line === line && problem.effect === 'lost'))
    .map(({ key, line }) => {
      const resembles = waagentKeyLike(key);
      return { key, ...(resembles !== undefined && { resembles }), evidence: evidenceAt(line) };
    });
  const switches = [...waagentSwitches.keys(), ...(legacyProvisioning ? waagentLegacySwitches.keys() : [])];
  return {
    path,
    text: textOf,
    switch: switchOf,
    string: (key) => setting<string | undefined>(key, (value) => value, waagentStrings.get(key)),
    int: intOf,
    assignments: inForce.flatMap(({ key, value, line }) =>
      value === undefined ? [] : [{ key, value, evidence: evidenceAt(line) }],
    ),
    rejected: [
      ...switches.flatMap((key) => rejectedSwitch(key, switchOf(key))),
      ...[...waagentInts.keys()].flatMap((key) => rejectedNumber(key, intOf(key))),
    ],
    problems: [...problems, ...misspelt].flatMap(({ line, effect, key, message }): AgentConfigurationProblem[] => {
      if (effect === 'comment') return [];
      const isNumberOrSwitch = waagentSwitches.has(key) || waagentInts.has(key);
      const counts =
        effect === 'lost'
          ? waagentStrings.has(key) || isNumberOrSwitch
          : waagentStrings.has(key) && last.get(key)?.line === line;
      return counts ? [{ effect, key, message: withoutCredentials(message), evidence: evidenceAt(line) }] : [];
    }),
    unknownKeys,
    oddities: waagentOddities(text).map(({ kind, line, message }) => ({
      kind,
      message: withoutCredentials(message),
      evidence: evidenceAt(line),
    })),
  };
}

const words = new Map([
  ['yes', true],
  ['true', true],
  ['on', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['off', false],
  ['0', false],
]);

/** An empty value asks for the default, so it is not rejected. */
function rejectedSwitch(key: string, { value, rejected, evidence }: AgentSetting<boolean>): readonly RejectedValue[] {
  if (!rejected || !evidence) return [];
  const meant = waagentSwitch(unquoted(rejected)) ?? words.get(unquoted(rejected).toLowerCase());
  const taken = value ? 'y' : 'n';
  return [
    { key, written: withoutCredentials(rejected), kind: 'switch', taken, meansTheSame: meant === value, evidence },
  ];
}

function rejectedNumber(
  key: string,
  { value, rejected, evidence }: AgentSetting<number | undefined>,
): readonly RejectedValue[] {
  if (!rejected || !evidence) return [];
  const kind = waagentNumbersReadAsSwitch.has(key) ? 'misread' : 'number';
  const meansTheSame = Number.parseInt(unquoted(rejected), 10) === value;
  return [{ key, written: withoutCredentials(rejected), kind, taken: value?.toString(), meansTheSame, evidence }];
}

function unquoted(text: string): string {
  return text.replace(/^['"\s]+|['"\s]+$/g, '');
}

/** Where Python's decoder says that the first invalid sequence starts. */
function firstInvalidByte(bytes: Uint8Array): number {
  const encoder = new TextEncoder();
  let offset = 0;
  for (const character of new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)) {
    const encoded = encoder.encode(character);
    // Only an invalid sequence decodes to something that does not encode to the same bytes.
    if (encoded.some((byte, index) => bytes[offset + index] !== byte)) return offset;
    offset += encoded.length;
  }
  return offset;
}
