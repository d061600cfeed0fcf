import type { Architecture, Evidence } from '../../engine/model.ts';
import { type DataSourceSearch, searchDataSource } from '../../formats/ds-identify.ts';
import type { NamedText, ScanDialect } from '../../formats/ds-identify-scan.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { KernelCommandLine } from '../kernel-command-line.ts';
import type { CloudConfig } from './configuration.ts';

const configPath = '/etc/cloud/ds-identify.cfg';
const manualCleanPath = '/var/lib/cloud/instance/manual-clean';

/** What the search on an Azure VM will end with; with several boot entries that may be the default, the worst of them. */
export function searchInImage(
  rootFs: RootFs,
  config: CloudConfig,
  scanned: readonly NamedText[],
  commandLine: KernelCommandLine,
  dsIdentify: { readonly present: boolean; readonly dialect?: ScanDialect },
  version: string | undefined,
  architecture: Architecture | undefined,
): DataSourceSearch {
  const listed = config.get('datasource_list');
  const origin = config.origin('datasource_list');
  const configuredList = listed !== undefined && {
    names: Array.isArray(listed) ? listed.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))) : [],
    evidence: origin ? [origin] : [],
  };
  if (!dsIdentify.present) return searchWithoutDsIdentify(configuredList || undefined);

  const text = rootFs.stat(configPath)?.type === 'file' ? rootFs.readText(configPath) : undefined;
  const input = {
    ...(version !== undefined && { version }),
    ...(dsIdentify.dialect && { dialect: dsIdentify.dialect }),
    files: scanned,
    ...(text !== undefined && { config: { path: configPath, text } }),
    manualClean: rootFs.stat(manualCleanPath)?.type === 'file',
    ...(configuredList && { configuredList }),
    isX86: architecture === undefined || architecture === 'x86_64' || architecture === 'i386',
  };
  const searches = commandLine.defaults.map(({ parameters, evidence }) =>
    searchDataSource({
      ...input,
      commandLine: { text: parameters.map((parameter) => parameter.text).join(' '), evidence },
    }),
  );
  return searches.find(({ result }) => result !== 'azure') ?? searches[0] ?? searchDataSource(input);
}

function searchWithoutDsIdentify(
  configured: { readonly names: readonly string[]; readonly evidence: readonly Evidence[] } | undefined,
): DataSourceSearch {
  if (configured === undefined) {
    const reason = "ds-identify does not run, and cloud-init's built-in list has Azure";
    return { result: 'azure', reason, evidence: [], decidedBy: 'default', oddSpacing: [] };
  }
  const { names, evidence } = configured;
  const result = names.includes('Azure') ? 'azure' : 'other';
  const reason = `ds-identify does not run, and cloud-init's own list has ${names.join(', ') || 'nothing'}`;
  return { result, list: names, reason, evidence, decidedBy: 'datasource-list', oddSpacing: [] };
}
