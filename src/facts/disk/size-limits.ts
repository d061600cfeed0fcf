import type { Intent } from '../../engine/model.ts';
import { type BootGeneration, generationOf } from './boot-generation.ts';
import { GIB, TIB } from './sizes.ts';

/** Largest OS disks, in bytes. */
export const sizeLimits = {
  generation1: 2 * TIB,
  generation2: 4095 * GIB,
  /** Of a gallery image version without shallow replication. */
  gallery: 2048 * GIB,
  marketplace: 1023 * GIB,
  ephemeral: 2040 * GIB,
} as const;

/** The one rule that reports a disk as too large: the strictest that applies. */
export function reportsSize(size: number, intent: Intent, boot: BootGeneration): string | undefined {
  const isFirst = generationOf(intent, boot) === 1;
  if (isFirst && size > sizeLimits.generation1) return 'image-file/generation-1-size';
  if (!isFirst && size > sizeLimits.generation2) return 'image-file/generation-2-size';
  if (intent.profiles.includes('marketplace') && size > sizeLimits.marketplace) return 'image-file/os-disk-size';
  if (intent.storage === 'gallery' && size > sizeLimits.gallery) return 'image-file/gallery-size';
  return size > sizeLimits.marketplace ? 'image-file/os-disk-size' : undefined;
}
