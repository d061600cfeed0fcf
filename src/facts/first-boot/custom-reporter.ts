import type { Evidence } from '../../engine/model.ts';
import { attempt, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { UnitFiles } from '../unit-files.ts';

/** The address that takes the ready report, and the word in its query. */
const WIRE_SERVER = '168.63.129.16';
const HEALTH = /health/i;

/** A program that reports by hand is a script of a few kilobytes. */
const MAX_SCRIPT_BYTES = 256 * 1024;

/** No script begins with this control character; a compiled program, `\x7fELF`, does. */
const ELF_START = 0x7f;

export interface CustomReporter {
  readonly unit: string;
  readonly evidence: readonly Evidence[];
}

/** Units that start at boot and whose command, or a script it names, speaks to the wire server about health. */
export function findCustomReporters(
  rootFs: RootFs,
  units: UnitFiles,
): { readonly found: readonly CustomReporter[]; readonly unread: readonly string[] } {
  const found: CustomReporter[] = [];
  const unread: string[] = [];
  for (const unit of units.names) {
    if (!unit.endsWith('.service') || !units.state(unit).startsAtBoot) continue;
    const commands = units.settings(unit).filter(({ section, key }) => section === 'Service' && key === 'ExecStart');
    const places: { readonly text: string; readonly evidence: Evidence }[] = [];
    for (const { value, evidence } of commands) {
      places.push({ text: value, evidence });
      for (const path of pathsIn(value)) {
        const text = attempt(() => readScript(rootFs, path));
        if (isCouldNotRead(text)) unread.push(text.message);
        else if (text !== undefined) places.push({ text, evidence: { path } });
      }
    }
    const text = places.map((place) => place.text).join('\n');
    if (!text.includes(WIRE_SERVER) || !HEALTH.test(text)) continue;
    const evidence = places.filter((place) => place.text.includes(WIRE_SERVER)).map((place) => place.evidence);
    found.push({ unit, evidence });
  }
  return { found, unread };
}

/** Absolute paths among the words of an `ExecStart=` and of a shell's commands in it, without systemd's prefixes. */
function pathsIn(command: string): readonly string[] {
  return command
    .split(/[\s"';&|]/)
    .map((word) => word.replace(/^[-@:+!]+/, ''))
    .filter((word) => word.startsWith('/'));
}

function readScript(rootFs: RootFs, path: string): string | undefined {
  const status = rootFs.stat(path);
  if (status?.type !== 'file' || status.size > MAX_SCRIPT_BYTES) return undefined;
  return rootFs.readBytes(path, 0, 1)?.[0] === ELF_START ? undefined : rootFs.readText(path);
}
