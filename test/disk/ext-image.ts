import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { FileSystem } from '../../src/disk/file-system.ts';
import { ext } from '../../src/disk/filesystems/ext/format.ts';
import { nodeCodecs } from '../../src/host/codecs.ts';
import { FileDevice } from '../../src/host/file-device.ts';

/** An empty image of the given size. */
export function blank(image: string, mebibytes: number): void {
  rmSync(image, { force: true });
  writeFileSync(image, '');
  truncateSync(image, mebibytes * 1024 * 1024);
}

export function openExt(image: string): FileSystem {
  const device = new FileDevice(image);
  expect(ext.recognises(device)).toBe(true);
  return ext.open(device, nodeCodecs);
}

/** What the step throws, or gives. */
export function caught(step: () => unknown): unknown {
  try {
    return step();
  } catch (error) {
    return error;
  }
}
