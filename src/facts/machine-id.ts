import { defineFact, type FactContext } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { RootFs } from '../image/root-fs.ts';

/**
 * `absent` and `uninitialized` make the next boot a first boot for systemd. `empty` gets a new identifier on every boot
 * unless it can be written. `valid` is 32 hexadecimal digits, not all zero. `garbage` is anything else.
 */
export type MachineIdState = 'absent' | 'uninitialized' | 'empty' | 'valid' | 'garbage';

export interface MachineId {
  readonly etc: {
    readonly state: MachineIdState;
    /** The file; undefined when absent. */
    readonly evidence?: Evidence;
  };
  /** D-Bus keeps a copy of its own unless it is a link. */
  readonly dbus: {
    readonly state: 'absent' | 'link' | 'empty' | 'identifier';
    readonly evidence?: Evidence;
  };
}

const PATH = '/etc/machine-id';
const DBUS_PATH = '/var/lib/dbus/machine-id';

/** Identity of the machine as systemd and D-Bus find it. */
export const machineId = defineFact<MachineId>({
  id: 'machine-id',
  description: 'Whether /etc/machine-id is absent, uninitialized, empty, valid or garbage, and what D-Bus keeps.',
  reads: [PATH, DBUS_PATH],
  compute({ rootFs }: FactContext) {
    return { etc: readEtc(rootFs), dbus: readDbus(rootFs) };
  },
});

function readEtc(rootFs: RootFs): MachineId['etc'] {
  const text = rootFs.readText(PATH);
  if (text === undefined) return { state: 'absent' };
  const line = text.split('\n')[0] ?? '';
  if (line === '') return { state: 'empty', evidence: { path: PATH } };
  const evidence = { path: PATH, line: 1, text: line };
  if (line === 'uninitialized') return { state: 'uninitialized', evidence };
  const isIdentifier = /^[0-9a-fA-F]{32}$/.test(line) && !/^0+$/.test(line);
  return { state: isIdentifier ? 'valid' : 'garbage', evidence };
}

function readDbus(rootFs: RootFs): MachineId['dbus'] {
  const status = rootFs.lstat(DBUS_PATH);
  if (!status) return { state: 'absent' };
  if (status.type === 'symlink') {
    return { state: 'link', evidence: { path: DBUS_PATH, text: `-> ${rootFs.readLink(DBUS_PATH) ?? ''}` } };
  }
  const line = rootFs.readText(DBUS_PATH)?.split('\n')[0] ?? '';
  if (line === '') return { state: 'empty', evidence: { path: DBUS_PATH } };
  return { state: 'identifier', evidence: { path: DBUS_PATH, line: 1, text: line } };
}
