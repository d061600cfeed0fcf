import type { ScannedDisk } from './mount-plan.ts';
import type { RootFs } from './root-fs.ts';

/** Kinds of input that a target may or may not show. `options` are the user's own declarations, always there. */
export type Need = 'rootfs' | 'initramfs' | 'disk' | 'partition-table' | 'esp' | 'filesystem-metadata' | 'options';

/** An opened target. */
export interface Image {
  /** As the user named it. */
  readonly target: string;
  readonly kind: 'directory' | 'tar' | 'disk';
  readonly rootFs: RootFs;
  /** Of a disk file only. */
  readonly disk?: ScannedDisk;
  /** What this kind of target can show; a rule that needs more is skipped. */
  readonly offers: ReadonlySet<Need>;
  /** Sentences about how the target was read that qualify every result. */
  readonly notices?: readonly string[];
  /** What was fetched so far from the file; of a tar or a disk only. */
  readonly fileUsage?: () => FileUsage;
  /** Lets go of the file. */
  readonly close?: () => void;
}

/** Bytes and system calls. */
export interface FileUsage {
  readonly bytesRead: number;
  readonly reads: number;
}

/** The target cannot be scanned at all: the run has no verdict for it. */
export class TargetError extends Error {
  readonly code = 'TARGET';
}
