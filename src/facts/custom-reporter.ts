import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { splitUnitList } from '../formats/systemd-unit.ts';
import { firstBoot } from './first-boot.ts';
import { unitFiles } from './unit-files.ts';

/** A unit of the image's own that reports to Azure in the place of a provisioner. */
export interface CustomReporter {
  readonly unit: string;
  /** It starts when the network is up: after network-online.target, and pulling that target in. */
  readonly waitsForNetwork: boolean;
  readonly wantsNetwork: boolean;
  /** The program, or the interpreter of its first line, that is not in the image. */
  readonly missing?: string;
  readonly evidence: readonly Evidence[];
}

const online = /^(?:network-online\.target|(?:NetworkManager|systemd-networkd)-wait-online\.service)$/;

/** Undefined when a known provisioner does the work, or nobody does. */
export const customReporter = defineFact<CustomReporter | undefined>({
  id: 'custom-reporter',
  description: 'The unit that reports to Azure by itself, and whether it waits for the network and finds its program.',
  reads: ['/{etc,usr/lib}/systemd/system/*.service'],
  async compute(context) {
    const { rootFs } = context;
    const { candidates } = await context.get(firstBoot);
    const units = await context.get(unitFiles);
    const found = candidates.find(({ provisioner, works }) => provisioner === 'custom' && works);
    if (found?.name === undefined) return undefined;
    const settings = units.settings(found.name);
    const names = (...keys: readonly string[]) =>
      settings
        .filter(({ section, key }) => section === 'Unit' && keys.includes(key))
        .flatMap(({ value }) => splitUnitList(value));
    const command = settings.find(({ section, key }) => section === 'Service' && key === 'ExecStart')?.value ?? '';
    const program = command.replace(/^[-@:+!|]+/, '').split(/\s+/)[0] ?? '';
    return {
      unit: found.name,
      waitsForNetwork: names('After').some((name) => online.test(name)),
      wantsNetwork: names('Wants', 'Requires', 'BindsTo').some((name) => online.test(name)),
      ...missingIn([program, ...interpreters(program)]),
      evidence: found.evidence,
    };

    function interpreters(path: string): readonly string[] {
      if (!path.startsWith('/') || rootFs.stat(path)?.type !== 'file') return [];
      const start = new TextDecoder().decode(rootFs.readBytes(path, 0, 256) ?? new Uint8Array());
      const words = /^#!\s*(\/[^\n]*)/.exec(start)?.[1]?.trim().split(/\s+/) ?? [];
      // With env the interpreter is looked up in PATH.
      return words.slice(0, 1);
    }

    function missingIn(paths: readonly string[]): { readonly missing?: string } {
      const missing = paths.find((path) => /^\/[^%$]+$/.test(path) && rootFs.stat(path) === undefined);
      return missing === undefined ? {} : { missing };
    }
  },
});
