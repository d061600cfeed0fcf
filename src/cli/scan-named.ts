import type { Rule } from '../engine/define.ts';
import type { ReferenceData } from '../engine/host.ts';
import type { ImageReport } from '../engine/model.ts';
import { nodeHost } from '../host/host.ts';
import { type ScanOptions, scanImage } from '../scan-image.ts';
import type { PluginFile } from './plugins.ts';
import { isUnscanned, openNamed, type Unscanned } from './targets.ts';

/** One scan as plain data, which can be handed to another thread. */
export interface ScanRequest extends Omit<ScanOptions, 'rules' | 'host'> {
  readonly target: string;
  readonly cwd: string;
  readonly ruleIds: readonly string[];
  /** For a thread, which loads them itself: rules cannot be handed over. */
  readonly plugins?: readonly PluginFile[];
  readonly data?: ReferenceData;
  readonly rootVolume?: string;
  readonly allowDirty: boolean;
}

let scans = 0;

/** Whether this thread has run a scan, and so has compiled what one needs. */
export function hasScanned(): boolean {
  return scans > 0;
}

export async function scanNamed(request: ScanRequest, rules: readonly Rule[]): Promise<ImageReport | Unscanned> {
  const { target, cwd, ruleIds, plugins: _loaded, data, rootVolume, allowDirty, ...options } = request;
  const image = await openNamed(target, cwd, { rootVolume, allowDirty });
  if (isUnscanned(image)) return image;
  scans += 1;
  const wanted = new Set(ruleIds);
  try {
    return await scanImage(image, {
      ...options,
      host: { ...nodeHost, ...(data && { data }) },
      rules: rules.filter(({ id }) => wanted.has(id)),
    });
  } finally {
    image.close?.();
  }
}
