import type { Baseline, KnownFinding } from '../engine/baseline.ts';
import { UsageError } from './usage-error.ts';

const fileVersion = 1;

/**
 * Reads the text of a baseline file.
 *
 * @throws {UsageError} naming the file, the place and what was expected there.
 */
export function parseBaseline(path: string, text: string): Baseline {
  const bad = (place: string, expected: string) => new UsageError(`${path}: ${place}: expected ${expected}`);
  const file = mapping(parsed(path, text));
  if (file?.['schemaVersion'] !== fileVersion) throw bad('schemaVersion', String(fileVersion));
  const images = mapping(file['images']);
  if (!images) throw bad('images', 'findings by the label of their image');
  return Object.fromEntries(
    Object.entries(images).map(([label, findings]) => {
      if (!Array.isArray(findings)) throw bad(`images.${label}`, 'a list of findings');
      return [
        label,
        findings.map((finding: unknown, index): KnownFinding => {
          const read = knownFinding(mapping(finding));
          if (read) return read;
          throw bad(`images.${label}[${index}]`, 'the texts ruleId, message and fingerprint');
        }),
      ];
    }),
  );
}

/** Text of a baseline file, one finding a line, so that a change of one is a change of one line. */
export function formatBaseline(baseline: Baseline): string {
  const images = Object.entries(baseline).map(([label, findings]) => {
    const lines = findings.map((finding) => `      ${JSON.stringify(finding)}`);
    return `    ${JSON.stringify(label)}: [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n    `}]`;
  });
  const body = images.length === 0 ? '{}' : `{\n${images.join(',\n')}\n  }`;
  return `{\n  "schemaVersion": ${fileVersion},\n  "images": ${body}\n}\n`;
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function knownFinding(value: Readonly<Record<string, unknown>> | undefined): KnownFinding | undefined {
  const { ruleId, message, fingerprint, path } = value ?? {};
  if (typeof ruleId !== 'string' || typeof message !== 'string' || typeof fingerprint !== 'string') return undefined;
  return { ruleId, message, ...(typeof path === 'string' && { path }), fingerprint };
}

function mapping(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // An object that JSON.parse made has strings for keys.
  return value as Readonly<Record<string, unknown>>;
}
