import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { globMatcher } from '../formats/glob-pattern.ts';
import { normalizeSysctlKey, parseSysctlConf } from '../formats/sysctl-conf.ts';
import type { RootFs } from '../image/root-fs.ts';
import { configurationFiles } from './configuration-files.ts';

export interface SysctlValue {
  readonly value: string;
  readonly evidence: Evidence;
}

export interface Sysctl {
  /** What the boot writes into a kernel setting, `kernel.sysrq`; undefined when no file names it. */
  value(name: string): SysctlValue | undefined;
}

const DIRECTORIES = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((path) => `${path}/sysctl.d`);
/** Where systemd does not start the image, procps reads this file last. */
const LAST_OF_PROCPS = '/etc/sysctl.conf';
const SYSTEMD = ['/usr/lib/systemd/systemd-sysctl', '/lib/systemd/systemd-sysctl'] as const;

/** Kernel settings that are written at boot: by systemd-sysctl, else by `sysctl --system` of procps. */
export const sysctl = defineFact<Sysctl>({
  id: 'sysctl',
  description: 'Kernel settings of sysctl.d after precedence, wildcards and exclusions.',
  reads: [...DIRECTORIES.map((path) => `${path}/*.conf`), LAST_OF_PROCPS],
  compute({ rootFs }) {
    const explicit = new Map<string, SysctlValue | undefined>();
    const patterns = new Map<string, SysctlValue>();
    for (const path of filesOf(rootFs)) {
      for (const { key, value, line, text } of parseSysctlConf(rootFs.readText(path) ?? '').settings) {
        const setting = value === undefined ? undefined : { value, evidence: { path, line, text } };
        if (!/[*?[]/.test(key)) {
          // A later assignment moves to the end, as in systemd's ordered map.
          explicit.delete(key);
          explicit.set(key, setting);
        } else if (setting) {
          patterns.delete(key);
          patterns.set(key, setting);
        }
      }
    }
    return {
      value: (name) => {
        const key = normalizeSysctlKey(name);
        if (explicit.has(key)) return explicit.get(key);
        const matching = [...patterns].filter(([pattern]) => matchesPath(pattern, key));
        return matching.at(-1)?.[1];
      },
    };
  },
});

function filesOf(rootFs: RootFs): readonly string[] {
  const files = configurationFiles(rootFs, DIRECTORIES, '.conf');
  const isSystemd = SYSTEMD.some((path) => rootFs.stat(path) !== undefined);
  return isSystemd || rootFs.stat(LAST_OF_PROCPS) === undefined ? files : [...files, LAST_OF_PROCPS];
}

/** glob(3) below /proc/sys: no wildcard matches a slash. */
function matchesPath(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const names = path.split('/');
  return wanted.length === names.length && wanted.every((part, index) => globMatcher(part)(names[index] ?? ''));
}
