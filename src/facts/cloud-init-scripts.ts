import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { cloudInitState } from './cloud-init-state.ts';

/** A script that cloud-init runs of its own accord. */
export interface CloudInitScript {
  readonly frequency: 'per-boot' | 'per-instance' | 'per-once' | 'vendor';
  /** Bytes. */
  readonly size: number;
  readonly evidence: Evidence;
}

export interface CloudInitScripts {
  readonly scripts: readonly CloudInitScript[];
  readonly unread: readonly CouldNotRead[];
}

const frequencies = ['per-boot', 'per-instance', 'per-once', 'vendor'] as const;

/** Executable files below `scripts` of cloud-init's state directory, which `runparts` of cloudinit/subp.py runs. */
export const cloudInitScripts = defineFact<CloudInitScripts>({
  id: 'cloud-init-scripts',
  description: 'Scripts that cloud-init runs on every boot, on every new VM, or once.',
  reads: ['/var/lib/cloud/scripts/{per-boot,per-instance,per-once,vendor}/*'],
  async compute(context) {
    const { directory } = await context.get(cloudInitState);
    const parts = frequencies.map((frequency) =>
      attempt(() => scriptsIn(context.rootFs, frequency, `${directory}/scripts/${frequency}`)),
    );
    return {
      scripts: parts.flatMap((part) => (isCouldNotRead(part) ? [] : part)),
      unread: parts.filter(isCouldNotRead),
    };
  },
});

function scriptsIn(
  rootFs: RootFs,
  frequency: CloudInitScript['frequency'],
  directory: string,
): readonly CloudInitScript[] {
  if (rootFs.stat(directory)?.type !== 'directory') return [];
  return (rootFs.readDir(directory) ?? []).flatMap(({ name }) => {
    const path = `${directory}/${name}`;
    const status = rootFs.stat(path);
    if (status?.type !== 'file' || (status.mode & 0o111) === 0) return [];
    const start = new TextDecoder().decode(rootFs.readBytes(path, 0, 128) ?? new Uint8Array());
    const text = /^#![^\n]*/.exec(start)?.[0];
    return [{ frequency, size: status.size, evidence: { path, ...(text !== undefined && { text }) } }];
  });
}
