import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './tools.ts';

/** What every suite over images by the real lvm needs; device-mapper is not among it. */
export const realLvm = [{ program: 'lvm', package: 'lvm2' }, 'root', 'loop'] as const;

/** LVM commands on loop devices, apart from whatever volume groups the machine has. */
export interface Lvm {
  /** Loop devices, in the order of the images. */
  readonly devices: readonly string[];
  (command: string, ...args: readonly string[]): string;
  /** Creates a logical volume without activating it. */
  create(...args: readonly string[]): void;
  /** Rows of a report in JSON, without the name of the report. */
  report(command: 'lvs' | 'pvs' | 'vgs', fields: string, ...args: readonly string[]): readonly Record<string, string>[];
}

/** Attaches the images for as long as `use` runs. */
export function withLvm<T>(folder: string, images: readonly string[], use: (lvm: Lvm) => T): T {
  const loops: string[] = [];
  try {
    for (const image of images) loops.push(run('losetup', '-f', '--show', image).trim());
    return use(lvmOn(folder, loops));
  } finally {
    for (const loop of loops) run('losetup', '-d', loop);
  }
}

function lvmOn(folder: string, devices: readonly string[]): Lvm {
  const system = join(folder, 'lvm-system');
  mkdirSync(system, { recursive: true });
  const accepted = devices.map((device) => `"a|^${device}$|"`);
  const config = [
    `devices { filter=[${[...accepted, '"r|.*|"'].join(',')}] use_devicesfile=0 }`,
    'backup { backup=0 archive=0 }',
    `global { event_activation=0 } local { } activation { udev_sync=0 udev_rules=0 monitoring=0 }`,
  ].join(' ');
  const command = (name: string, ...args: readonly string[]): string => {
    const result = spawnSync('lvm', [name, '--devicesfile', '', '--config', config, ...args], {
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
        LC_ALL: 'C',
        LVM_SYSTEM_DIR: system,
        LVM_SUPPRESS_FD_WARNINGS: '1',
      },
    });
    if (result.status !== 0) throw new Error(`lvm ${name} ${args.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  return Object.assign(command, {
    devices,
    create: (...args: readonly string[]) => {
      command('lvcreate', '--driverloaded', 'n', '-an', '-Zn', '-Wn', '-y', ...args);
    },
    report: (name: 'lvs' | 'pvs' | 'vgs', fields: string, ...args: readonly string[]) => {
      const text = command(
        name,
        '--driverloaded',
        'n',
        '--reportformat',
        'json',
        '--units',
        'b',
        '-o',
        fields,
        ...args,
      );
      const parsed = JSON.parse(text) as { report: readonly Record<string, readonly Record<string, string>[]>[] };
      return parsed.report.flatMap((report) => Object.values(report).flat());
    },
  });
}

/** A sparse image of the size in MiB. */
export function sparseImage(path: string, mebibytes: number): string {
  rmSync(path, { force: true });
  writeFileSync(path, '');
  truncateSync(path, mebibytes * 1024 * 1024);
  return path;
}
