import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './tools.ts';

/** Mounts an image over a loop device while `use` runs; everything is undone even when it fails. */
export function mounted<T>(image: string, type: string, use: (top: string) => T, options = 'rw'): T {
  const top = mkdtempSync(join(tmpdir(), 'vhd-preflight-mount-'));
  const loop = run('losetup', '-f', '--show', image).trim();
  try {
    run('mount', '-t', type, '-o', options, loop, top);
    try {
      return use(top);
    } finally {
      run('umount', top);
    }
  } finally {
    run('losetup', '-d', loop);
    rmdirSync(top);
  }
}
