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

let breadth = 0;

/** The largest share of the rules that a scan of this thread judged, and so compiled; 0 before there was one. */
export function breadthOfScans(): number {
  return breadth;
}

export async function scanNamed(request: ScanRequest, rules: readonly Rule[]): Promise<ImageReport | Unscanned> {
  const { target, cwd, ruleIds, plugins: _loaded, data, rootVolume, allowDirty, ...options } = request;
  const image = await openNamed(target, cwd, { rootVolume, allowDirty });
  if (isUnscanned(image)) return image;
  const wanted = new Set(ruleIds);
  breadth = Math.max(breadth, wanted.size / rules.length);
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
