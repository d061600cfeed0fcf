import type { Evidence } from '../../engine/model.ts';
import type { CloudConfigValue } from '../../formats/cloud-config.ts';
import type { CloudConfig } from './configuration.ts';

/** A log that the configuration names. */
export interface LogPath {
  readonly path: string;
  readonly evidence: Evidence;
}

/**
 * Files of the option `output:`, as `get_config_logfiles` of cloudinit/util.py takes them: `| tee -a FILE`,
 * `> FILE` or `>> FILE`, for all stages or by stage, for one or both streams. Devices are no logs.
 */
export function logPathsOf(config: CloudConfig): readonly LogPath[] {
  const evidence = config.origin('output');
  if (evidence === undefined) return [];
  const paths = textsIn(config.get('output')).flatMap(filesOf);
  return [...new Set(paths)].map((path) => ({ path, evidence }));
}

function textsIn(value: CloudConfigValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.values(value).flatMap(textsIn);
}

function filesOf(target: string): readonly string[] {
  const piped = /^\s*\|.*\btee\s+(.*)$/.exec(target)?.[1]?.split(/\s+/) ?? [];
  const written = /^\s*>{1,2}\s*(\S+)/.exec(target)?.[1];
  const files = [...piped, ...(written === undefined ? [] : [written])];
  return files.filter((file) => file.startsWith('/') && !file.startsWith('/dev/'));
}
