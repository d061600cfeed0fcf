import type { Host } from '../engine/host.ts';

export const nodeHost: Host = {
  now: () => new Date(),
  // Loaded on the first call: an image without findings needs no hash.
  sha256: (text) => process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex'),
  // Loaded on the first call: few images need an initramfs opened.
  decompress: async (...request) => (await import('./decompress.ts')).decompress(...request),
};
