export type SelinuxMode = 'enforcing' | 'permissive' | 'disabled';

/** A line of /etc/selinux/config, counted from 1. */
export interface SelinuxConfigLine {
  readonly line: number;
  readonly text: string;
}

export interface SelinuxConfig {
  /** Undefined when no line gives a mode that libselinux knows; it then loads the policy without enforcing it. */
  readonly mode?: { readonly value: SelinuxMode } & SelinuxConfigLine;
  /** Undefined when no line names one; libselinux then takes `targeted`. */
  readonly policyType?: { readonly value: string } & SelinuxConfigLine;
  /** Lines that begin with `SELINUX=` before the one that counts, and say something else than a mode. */
  readonly ignored: readonly ({ readonly value: string } & SelinuxConfigLine)[];
}

const MODES: readonly SelinuxMode[] = ['enforcing', 'permissive', 'disabled'];

/**
 * /etc/selinux/config as libselinux reads it. The mode (`selinux_getenforcemode`): the first line that begins with
 * `SELINUX=` in the first column and goes on with a mode, in any case; what follows the mode does not matter. The policy
 * (`init_selinux_config`): the last `SELINUXTYPE=`, blanks in front allowed.
 */
export function parseSelinuxConfig(text: string): SelinuxConfig {
  let mode: SelinuxConfig['mode'];
  let policyType: SelinuxConfig['policyType'];
  const ignored: ({ readonly value: string } & SelinuxConfigLine)[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const place = { line: index + 1, text: raw };
    if (mode === undefined && raw.startsWith('SELINUX=')) {
      const value = raw.slice('SELINUX='.length).trim();
      const known = MODES.find((candidate) => value.toLowerCase().startsWith(candidate));
      if (known) mode = { value: known, ...place };
      else ignored.push({ value, ...place });
    }
    const type = /^\s*SELINUXTYPE=(.*)$/i.exec(raw)?.[1];
    if (type !== undefined) policyType = { value: type.trim(), ...place };
  }
  return { ignored, ...(mode && { mode }), ...(policyType && { policyType }) };
}
