import { sha256 } from '../disk/sha256.ts';
import type { Host } from '../engine/host.ts';

export const nodeHost: Host = {
  now: () => new Date(),
  // Node's own takes longer to load than the few short texts of a report take here.
  sha256: (text) => Buffer.from(sha256(new TextEncoder().encode(text))).toString('hex'),
  // Loaded on the first call: few images need an initramfs opened.
  decompress: async (...request) => (await import('./decompress.ts')).decompress(...request),
};
