import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseSelinuxConfig, type SelinuxMode } from '../formats/selinux-config.ts';
import { expandGlob } from './expand-glob.ts';

/** What libselinux makes of the image's configuration. */
export interface Selinux {
  /** Undefined when no line gives a mode that libselinux knows. */
  readonly mode?: { readonly value: SelinuxMode; readonly evidence: Evidence };
  /** Lines `SELINUX=` that say something else. */
  readonly ignored: readonly { readonly value: string; readonly evidence: Evidence }[];
  /** `targeted` when no line names one. */
  readonly policyType: { readonly value: string; readonly evidence: Evidence };
  /** Policies of that type in the image, by version. */
  readonly policies: readonly string[];
  /** Names of the types that have a policy. */
  readonly installedTypes: readonly string[];
}

const PATH = '/etc/selinux/config';
/** Where the policy lies; image-based systems keep it below /usr. */
const STORES = ['/etc/selinux', '/usr/lib/selinux', '/usr/share/selinux'] as const;

/** Configuration and policies of SELinux; undefined when the image has no configuration. */
export const selinux = defineFact<Selinux | undefined>({
  id: 'selinux',
  description: 'Mode and policy type of /etc/selinux/config, and the policies that are installed.',
  reads: [PATH, ...STORES.map((store) => `${store}/*/policy/policy.*`)],
  compute({ rootFs }) {
    const text = rootFs.readText(PATH);
    if (text === undefined) return undefined;
    const { mode, policyType, ignored } = parseSelinuxConfig(text);
    const place = ({ line, text: raw }: { line: number; text: string }): Evidence => ({ path: PATH, line, text: raw });
    const policies = STORES.flatMap((store) => expandGlob(rootFs, `${store}/*/policy/policy.*`));
    const typeOf = (path: string) => path.split('/').at(-3) ?? '';
    const type = policyType?.value ?? 'targeted';
    return {
      ...(mode && { mode: { value: mode.value, evidence: place(mode) } }),
      ignored: ignored.map((line) => ({ value: line.value, evidence: place(line) })),
      policyType: { value: type, evidence: policyType ? place(policyType) : { path: PATH } },
      policies: policies.filter((path) => typeOf(path) === type),
      installedTypes: [...new Set(policies.map(typeOf))],
    };
  },
});
