import type { Problem } from './problem.ts';

/** One line of sysctl.d. */
export interface SysctlSetting {
  /** Path below /proc/sys, `net/ipv4/conf/eth0.5/forwarding`; may hold wildcards. */
  readonly key: string;
  /** Undefined for `-key` alone, which keeps wildcards away from the key. */
  readonly value?: string;
  /** A `-` in front: failing to set it is no error. */
  readonly ignoresFailure: boolean;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface SysctlConf {
  readonly settings: readonly SysctlSetting[];
  readonly problems: readonly Problem[];
}

/** sysctl.d(5) as systemd-sysctl reads a file (`parse_file` of its sysctl.c). */
export function parseSysctlConf(text: string): SysctlConf {
  const settings: SysctlSetting[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = strip(raw);
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    const separator = content.indexOf('=');
    const ignoresFailure = content.startsWith('-');
    if (separator < 0 && !ignoresFailure) {
      problems.push({ line, message: 'not an assignment, so it sets nothing' });
      continue;
    }
    const name = separator < 0 ? content : content.slice(0, separator);
    const key = normalizeSysctlKey(strip(ignoresFailure ? name.slice(1) : name));
    const value = separator < 0 ? {} : { value: strip(content.slice(separator + 1)) };
    settings.push({ key, ...value, ignoresFailure, line, text: raw });
  }
  return { settings, problems };
}

/**
 * `sysctl_normalize` of systemd: of dots and slashes the one that comes first separates; where it is the dot, a slash
 * stands for a dot inside a name.
 */
export function normalizeSysctlKey(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  const path = first === '.' ? key.replace(/[./]/g, (character) => (character === '.' ? '/' : '.')) : key;
  // `path_simplify`, before the file is written.
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** White space of systemd's string functions. */
function strip(text: string): string {
  return text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
}
