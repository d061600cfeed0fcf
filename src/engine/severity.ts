import type { SeverityByProfile } from './define.ts';
import type { Profile, Severity } from './model.ts';

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Negative when `a` is the stronger one. */
export function compareSeverity(a: Severity, b: Severity): number {
  return order[a] - order[b];
}

export function weaker(a: Severity, b: Severity): Severity {
  return compareSeverity(a, b) > 0 ? a : b;
}

export function strongest(severities: readonly Severity[]): Severity | undefined {
  return [...severities].sort(compareSeverity)[0];
}

/** The level under the chosen profiles: the strongest that any of them asks for. */
export function severityFor(severity: SeverityByProfile, profiles: readonly Profile[]): Severity {
  if (typeof severity === 'string') return severity;
  const asked = profiles.flatMap((profile) => severity[profile] ?? []);
  return strongest([severity.base, ...asked]) ?? severity.base;
}
