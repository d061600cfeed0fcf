import type { Architecture, Evidence } from '../../engine/model.ts';
import { type DataSourceSearch, readsEnvironment, searchDataSource } from '../../formats/ds-identify.ts';
import { readDsIdentifyEnvironment } from '../../formats/ds-identify-environment.ts';
import type { NamedText, ScriptTraits } from '../../formats/ds-identify-scan.ts';
import { CouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';
import type { KernelCommandLine } from '../kernel-command-line.ts';
import type { CloudConfig } from './configuration.ts';

const configPath = '/etc/cloud/ds-identify.cfg';
const environmentPath = '/usr/libexec/ds-identify-env';
const manualCleanPath = '/var/lib/cloud/instance/manual-clean';

/** What the search on an Azure VM will end with; with several boot entries that may be the default, the worst of them. */
export function searchInImage(
  rootFs: RootFs,
  config: CloudConfig,
  scanned: readonly NamedText[],
  commandLine: KernelCommandLine,
  dsIdentify: { readonly present: boolean; readonly traits?: ScriptTraits },
  version: string | undefined,
  architecture: Architecture | undefined,
): DataSourceSearch {
  const listed = config.get('datasource_list');
  const origin = config.origin('datasource_list');
  const configuredList = listed !== undefined && {
    names: Array.isArray(listed) ? listed.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))) : [],
    evidence: origin ? [origin] : [],
  };
  if (!dsIdentify.present) {
    const isText = !Array.isArray(listed) || listed.every((name) => typeof name === 'string');
    return searchWithoutDsIdentify(configuredList ? { ...configuredList, isText } : undefined);
  }

  const settings = regularFile(rootFs, configPath);
  const environment = regularFile(rootFs, environmentPath);
  const input = {
    ...(version !== undefined && { version }),
    ...(dsIdentify.traits && { traits: dsIdentify.traits }),
    files: scanned,
    ...(settings && { config: settings }),
    ...(environment && { environment }),
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

/** The script tests with `-f`: anything but a regular file does not count. */
function regularFile(rootFs: RootFs, path: string): NamedText | undefined {
  const text = rootFs.stat(path)?.type === 'file' ? rootFs.readText(path) : undefined;
  return text === undefined ? undefined : { path, text };
}

/** /usr/libexec/ds-identify-env as far as nobody can say what it does to the search; undefined when it does nothing else. */
export function opaqueEnvironment(
  rootFs: RootFs,
  dsIdentify: { readonly present: boolean; readonly traits?: ScriptTraits },
  version: string | undefined,
): CouldNotRead | undefined {
  const reader = { ...(dsIdentify.traits && { traits: dsIdentify.traits }), ...(version !== undefined && { version }) };
  const environment = dsIdentify.present && readsEnvironment(reader) ? regularFile(rootFs, environmentPath) : undefined;
  const opaque = environment && readDsIdentifyEnvironment(environment).opaque;
  const reason = `is a script that ds-identify runs, and line ${opaque?.line} may change whatever it looks at`;
  return opaque && new CouldNotRead(environmentPath, reason, 'delete it: it is there for tests of cloud-init only');
}

function searchWithoutDsIdentify(
  configured:
    | { readonly names: readonly string[]; readonly isText: boolean; readonly evidence: readonly Evidence[] }
    | undefined,
): DataSourceSearch {
  if (configured === undefined) {
    const reason = "ds-identify does not run, and cloud-init's built-in list has Azure";
    return { result: 'azure', reason, evidence: [], decidedBy: 'default', oddSpacing: [] };
  }
  const { names, evidence } = configured;
  const result = names.includes('Azure') && configured.isText ? 'azure' : 'other';
  const refusal = configured.isText ? '' : ', which is not text throughout and ends in an exception';
  const reason = `ds-identify does not run, and cloud-init's own list has ${names.join(', ') || 'nothing'}${refusal}`;
  return { result, list: names, reason, evidence, decidedBy: 'datasource-list', oddSpacing: [] };
}
