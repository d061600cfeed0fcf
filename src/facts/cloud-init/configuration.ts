import type { Evidence } from '../../engine/model.ts';
import {
  type CloudConfigFile,
  type CloudConfigValue,
  mergeCloudConfig,
  originOf,
  readCloudConfigFile,
  valueAt,
} from '../../formats/cloud-config.ts';
import type { NamedText } from '../../formats/ds-identify-scan.ts';
import { attempt, CouldNotRead, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';

export interface CloudConfig {
  /** cloud.cfg, then the drop-ins in the order in which cloud-init reads them. */
  readonly files: readonly CloudConfigFile[];
  /** After the merge, built-in defaults not included. */
  readonly merged: { readonly [key: string]: CloudConfigValue };
  /** Value at a path of the merge: `get('system_info', 'default_user', 'name')`. Undefined when missing, null when null. */
  get(...path: readonly string[]): CloudConfigValue | undefined;
  /** `util.get_cfg_option_bool`: true, 1, "1", "true", "yes", "on" in any case are true; missing gives the default. */
  bool(key: string, defaultValue: boolean): boolean;
  /** The file and line that set the top-level key or path last. */
  origin(...path: readonly string[]): Evidence | undefined;
  /** Files of which nothing is known, so that `merged` may be incomplete. */
  readonly unread: readonly CouldNotRead[];
  /** What makes cloud-init end with an exception when it reads its configuration; `merged` is empty then. */
  readonly defect?: { readonly message: string; readonly evidence: readonly Evidence[] };
}

/** The configuration, and the texts as ds-identify scans them. */
export interface CloudConfigReading {
  readonly config: CloudConfig;
  readonly scanned: readonly NamedText[];
}

const mainPath = '/etc/cloud/cloud.cfg';

type Defect = NonNullable<CloudConfig['defect']>;

/** cloudinit/util.py read_conf_with_confd on /etc/cloud/cloud.cfg. */
export function readCloudConfig(rootFs: RootFs): CloudConfigReading {
  const unread: CouldNotRead[] = [];
  const defects: Defect[] = [];
  const texts: NamedText[] = [];

  const readFile = (path: string): CloudConfigFile | undefined => {
    const bytes = attempt(() => (rootFs.stat(path)?.type === 'file' ? rootFs.readBytes(path) : undefined));
    if (bytes === undefined) return undefined;
    if (isCouldNotRead(bytes)) {
      unread.push(bytes);
      return undefined;
    }
    const text = decodeUtf8(bytes);
    if (text === undefined) {
      defects.push({
        message: `${path} is not UTF-8, so that cloud-init ends with an exception`,
        evidence: [{ path }],
      });
      const problem = { line: 1, message: 'the file is not UTF-8' };
      return { path, state: 'ignored', problem, lineOf: () => undefined };
    }
    texts.push({ path, text });
    const file = readCloudConfigFile(path, text);
    if (!('limit' in file)) return file;
    unread.push(new CouldNotRead(path, file.limit));
    return undefined;
  };

  const main = readFile(mainPath);
  const directory = dropInDirectory(main, defects);
  const names = attempt(() => dropInNames(rootFs, directory));
  if (isCouldNotRead(names)) unread.push(names);
  const paths = isCouldNotRead(names) ? [] : names.map((name) => `${directory}/${name}`);
  const dropIns = paths.flatMap((path) => readFile(path) ?? []);

  const { merged, error } = mergeCloudConfig(main, dropIns);
  if (error !== undefined) {
    const culprits = dropIns
      .concat(main ?? [])
      .filter(({ content }) => content?.['merge_how'] ?? content?.['merge_type']);
    const evidence = culprits.map(({ path, lineOf }) => place(path, lineOf(['merge_how']) ?? lineOf(['merge_type'])));
    defects.push({ message: `cloud-init ends with an exception: ${error}`, evidence });
  }
  const files = [...(main ? [main] : []), ...dropIns];
  const defect = defects[0];
  const effective = defect ? {} : merged;
  const config: CloudConfig = {
    files,
    merged: effective,
    get: (...path) => valueAt(effective, path),
    bool: (key, defaultValue) => (Object.hasOwn(effective, key) ? isTrue(effective[key] ?? null) : defaultValue),
    origin(...path) {
      const file = originOf(path, effective, [...dropIns.toReversed(), ...(main ? [main] : [])]);
      return file && place(file.path, file.lineOf(path));
    },
    unread,
    ...(defect && { defect }),
  };
  return { config, scanned: texts.filter(({ path }) => isScanned(path)) };
}

function place(path: string, line: number | undefined): Evidence {
  return line === undefined ? { path } : { path, line };
}

/** The shell's `cloud.cfg.d/*.cfg`, which knows neither hidden files nor another directory. */
function isScanned(path: string): boolean {
  return path === mainPath || /^\/etc\/cloud\/cloud\.cfg\.d\/[^./][^/]*$/.test(path);
}

/** `conf_d` of cloud.cfg moves the directory, empty means none; undefined stands for none. */
function dropInDirectory(main: CloudConfigFile | undefined, defects: Defect[]): string | undefined {
  const moved = main?.content?.['conf_d'];
  if (moved === undefined) return `${mainPath}.d`;
  if (typeof moved === 'string') return moved.trim() === '' ? undefined : `/${moved.trim()}`.replace(/^\/+/, '/');
  if (!isFalsy(moved)) {
    const message = 'conf_d of cloud.cfg is no text, so that cloud-init ends with an exception';
    defects.push({ message, evidence: [place(mainPath, main?.lineOf(['conf_d']))] });
  }
  return undefined;
}

function isFalsy(value: CloudConfigValue): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  return typeof value === 'object' && !(value instanceof Date) && Object.keys(value).length === 0;
}

function dropInNames(rootFs: RootFs, directory: string | undefined): readonly string[] {
  if (directory === undefined || rootFs.stat(directory)?.type !== 'directory') return [];
  return (rootFs.readDir(directory) ?? []).map(({ name }) => name).filter((name) => name.endsWith('.cfg'));
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Python raises UnicodeDecodeError here, which the caller reports as a value.
    return undefined;
  }
}

/** `util.translate_bool`. */
/** `util.is_true` of cloud-init, as `get_cfg_option_bool` uses it. */
export function isTrue(value: CloudConfigValue): boolean {
  if (isFalsy(value) || typeof value === 'object') return false;
  return ['true', '1', 'on', 'yes'].includes(String(value).toLowerCase().trim());
}
