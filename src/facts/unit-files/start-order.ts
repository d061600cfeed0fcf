import { splitUnitList } from '../../formats/systemd-unit.ts';
import type { UnitFiles } from '../unit-files.ts';

/** Longest chains of units in an image are a few dozen. */
const mostUnits = 200;

/**
 * Whether a boot starts `later` only when `earlier` is done: a chain of `After=` and `Before=`. Targets wait for what
 * they want only through the unit's own `Before=`, so a chain through such a target may be missed.
 */
export function startsAfter(units: UnitFiles, later: string, earlier: string): boolean {
  const before = closure(later, (name) => [...named(units, name, 'After'), ...implied(units, name)]);
  const after = closure(earlier, (name) => named(units, name, 'Before'));
  return [...after].some((name) => before.has(name));
}

function named(units: UnitFiles, name: string, key: 'After' | 'Before'): readonly string[] {
  return units
    .settings(name)
    .filter((setting) => setting.section === 'Unit' && setting.key === key)
    .flatMap(({ value }) => splitUnitList(value));
}

/** `DefaultDependencies=yes` of a service (systemd.service(5)) and of a target. */
function implied(units: UnitFiles, name: string): readonly string[] {
  if (name === 'multi-user.target' || name === 'basic.target') return ['basic.target', 'sysinit.target'];
  if (!name.endsWith('.service')) return [];
  const own = units.settings(name).findLast(({ key }) => key === 'DefaultDependencies')?.value ?? 'yes';
  return /^(?:no|false|off|0|n|f)$/i.test(own) ? [] : ['basic.target', 'sysinit.target'];
}

function closure(start: string, next: (name: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set([start]);
  for (const name of reached) {
    if (reached.size > mostUnits) break;
    for (const other of next(name)) reached.add(other);
  }
  return reached;
}
