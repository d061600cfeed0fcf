import type { NamedText, Place } from './ds-identify-scan.ts';
import { parseShellAssignments } from './shell-assignments.ts';

/** What /usr/libexec/ds-identify-env, which ds-identify sources since 24.2, changes for it. */
export interface DsIdentifyEnvironment {
  /** `DI_KERNEL_CMDLINE`, which it then takes for the kernel command line. */
  readonly commandLine?: { readonly text: string; readonly place: Place };
  /** The first line of which the effect cannot be told: the file is a script, and may set all that ds-identify looks at. */
  readonly opaque?: Place;
}

/** Variables that decide only what is logged, and where. */
const harmless = new Set(['DI_DEBUG_LEVEL', 'DI_LOG', 'DEBUG_LEVEL']);
const commandLineKey = 'DI_KERNEL_CMDLINE';

/** The plain assignments of the file (`get_environment` of tools/ds-identify). */
export function readDsIdentifyEnvironment({ path, text }: NamedText): DsIdentifyEnvironment {
  const { assignments, byKey, problems } = parseShellAssignments(text);
  const lines = text.split('\n');
  const placeAt = (line: number): Place => ({ path, line, text: (lines[line - 1] ?? '').trim() });
  const isOpaque = ({ key, value }: { key: string; value: string }) =>
    !harmless.has(key) && (key !== commandLineKey || /[$`]/.test(value));
  const opaque = [...problems, ...assignments.filter(isOpaque)].map(({ line }) => line);
  const given = byKey.get(commandLineKey);
  return {
    // An empty one is read from the kernel after all.
    ...(given && given.value !== '' && { commandLine: { text: given.value, place: placeAt(given.line) } }),
    ...(opaque.length > 0 && { opaque: placeAt(Math.min(...opaque)) }),
  };
}
