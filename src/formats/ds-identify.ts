import { forcesNoCloud, listFromCommandLine, readCommandLine } from './ds-identify-command-line.ts';
import { readDsIdentifyEnvironment } from './ds-identify-environment.ts';
import {
  isAtLeast,
  type NamedText,
  oddlySpacedLists,
  type Place,
  parsePolicy,
  readDsIdentifyConfig,
  type ScriptTraits,
  scanDatasourceList,
  scanDialect,
  versionNumbers,
} from './ds-identify-scan.ts';
import { parsePyYaml } from './pyyaml.ts';

/** Evidence, without a line when a whole file or command line is meant. */
export interface SearchEvidence {
  readonly path: string;
  readonly line?: number;
  readonly text?: string;
}

/** Outcome of ds-identify on an Azure VM, as far as the image decides it. */
export interface DataSourceSearch {
  /**
   * `azure`: the Azure data source will be tried. `other`: a list without Azure, with which cloud-init may not even
   * start. `disabled`: cloud-init will not start, whatever the list.
   */
  readonly result: 'azure' | 'other' | 'disabled';
  /** The list that ds-identify works with; undefined for its built-in list. */
  readonly list?: readonly string[];
  /** Why, in one sentence, with the file that decides. */
  readonly reason: string;
  readonly evidence: readonly SearchEvidence[];
  /** What decided: the datasource list, /etc/cloud/ds-identify.cfg, the command line, or nothing in particular. */
  readonly decidedBy: 'datasource-list' | 'ds-identify-config' | 'kernel-command-line' | 'default';
  /** Lines of `datasource_list` that ds-identify up to 24.1 does not recognise for their spacing. */
  readonly oddSpacing: readonly SearchEvidence[];
}

export interface DataSourceSearchInput {
  /** Version of cloud-init; the newest rules when unknown. */
  readonly version?: string;
  /** What the script in the image shows of itself; by version where it does not. */
  readonly traits?: ScriptTraits;
  /** cloud.cfg, then the drop-ins that the shell's `*.cfg` matches, in the order of their names. */
  readonly files: readonly NamedText[];
  /** /etc/cloud/ds-identify.cfg when it is a regular file. */
  readonly config?: NamedText;
  readonly commandLine?: { readonly text: string; readonly evidence: SearchEvidence };
  /** /var/lib/cloud/instance/manual-clean is a regular file. */
  readonly manualClean?: boolean;
  /** `datasource_list` of the merged configuration, which counts where ds-identify writes none; undefined when not set. */
  readonly configuredList?: { readonly names: readonly string[]; readonly evidence: readonly SearchEvidence[] };
  /** False on processors for which a fruitless search did not disable cloud-init up to 25.1. */
  readonly isX86?: boolean;
  /** /usr/libexec/ds-identify-env when it is a regular file. */
  readonly environment?: NamedText;
}

/** What ds-identify leaves behind: its return code and the text of /run/cloud-init/cloud.cfg, if it writes one. */
export interface DsIdentifyRun {
  readonly exitStatus: 0 | 1;
  readonly written?: string;
}

type Origin = Pick<DataSourceSearch, 'decidedBy' | 'evidence'>;

interface Decision extends Origin {
  readonly run: DsIdentifyRun;
  readonly list?: readonly string[];
  /** What ds-identify did, as the first half of a sentence. */
  readonly account: string;
}

const nowhere: Origin = { decidedBy: 'default', evidence: [] };

/**
 * tools/ds-identify on an Azure VM: the firmware carries Azure's chassis asset tag, and no other data source is found.
 */
export function searchDataSource(input: DataSourceSearchInput): DataSourceSearch {
  const version = versionNumbers(input.version);
  const dialect = input.traits?.dialect ?? scanDialect(version);
  const odd = version !== undefined && dialect !== 'flow' ? oddlySpacedLists(input.files) : [];
  const { run, list, account, decidedBy, evidence } = decide(input);
  const common = { ...(list && { list }), oddSpacing: odd };
  if (run.exitStatus === 1) {
    const result = list ? 'other' : 'disabled';
    return { ...common, result, reason: `${account}, and cloud-init does not start`, evidence, decidedBy };
  }
  const written = run.written === undefined ? undefined : writtenList(run.written);
  if (written) {
    // A data source that the command line forces ends the search before Azure's turn.
    const forced = decidedBy === 'kernel-command-line' && written[0] === 'NoCloud';
    const result = written.includes('Azure') && !forced ? 'azure' : 'other';
    return { ...common, result, reason: `${account}: ${written.join(', ')}`, evidence, decidedBy };
  }
  const configured = input.configuredList;
  if (configured === undefined || configured.names.includes('Azure')) {
    return {
      ...common,
      result: 'azure',
      reason: `${account}, and cloud-init's own list has Azure`,
      evidence,
      decidedBy,
    };
  }
  const names = configured.names.join(', ') || 'nothing';
  const reason = `${account}, and cloud-init's own list has ${names}`;
  return {
    ...common,
    result: 'other',
    reason,
    evidence: [...evidence, ...configured.evidence],
    decidedBy: 'datasource-list',
  };
}

/** Return code and written text alone, as the script itself can be asked for them. */
export function runDsIdentify(input: DataSourceSearchInput): DsIdentifyRun {
  return decide(input).run;
}

/** `datasource_list` of the written file as cloud-init then reads it. */
function writtenList(text: string): readonly string[] | undefined {
  const document = parsePyYaml(text);
  const value = 'error' in document ? null : document.value;
  const list =
    value !== null && typeof value === 'object' && 'datasource_list' in value ? value['datasource_list'] : null;
  return Array.isArray(list) ? list.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))) : undefined;
}

/** With the kernel command line that ds-identify is made to believe. */
function decide(input: DataSourceSearchInput): Decision {
  const given =
    input.environment && readsEnvironment(input) && readDsIdentifyEnvironment(input.environment).commandLine;
  if (!given) return decideBy(input);
  const { text, place } = given;
  const byFile: Origin = { decidedBy: 'kernel-command-line', evidence: [place] };
  // The script asks its own command line once more whether it is switched off (`is_disabled`).
  if (text.includes('cloud-init=disabled'))
    return { run: { exitStatus: 1 }, account: 'cloud-init=disabled', ...byFile };
  return decideBy({ ...input, commandLine: { text, evidence: place } });
}

/** Whether ds-identify sources /usr/libexec/ds-identify-env: since 24.2. */
export function readsEnvironment({ traits, version }: Pick<DataSourceSearchInput, 'traits' | 'version'>): boolean {
  const numbers = versionNumbers(version);
  return traits?.readsEnvironment ?? (numbers === undefined || isAtLeast(numbers, [24, 2]));
}

function decideBy(input: DataSourceSearchInput): Decision {
  const version = versionNumbers(input.version);
  const dialect = input.traits?.dialect ?? scanDialect(version);
  const settings = input.config ? readDsIdentifyConfig(input.config, dialect) : {};
  const commandLine = readCommandLine(input.commandLine?.text ?? '', version);
  const byCommandLine: Origin = {
    decidedBy: 'kernel-command-line',
    evidence: input.commandLine ? [input.commandLine.evidence] : [],
  };
  const bySetting = (place: Place | undefined): Origin =>
    place ? { decidedBy: 'ds-identify-config', evidence: [place] } : nowhere;

  const policyOrigin = commandLine.policy === undefined ? bySetting(settings.policy?.place) : byCommandLine;
  const isStrict = input.traits?.isStrict ?? (version === undefined || isAtLeast(version, [25, 2]));
  const policy = parsePolicy(commandLine.policy ?? settings.policy?.value ?? '', isStrict || (input.isX86 ?? true));
  if (policy.mode === 'disabled') {
    return { run: { exitStatus: 1 }, account: 'the policy of ds-identify is "disabled"', ...policyOrigin };
  }
  if (policy.mode === 'enabled') {
    return {
      run: { exitStatus: 0 },
      account: 'the policy of ds-identify is "enabled", so that it searches nothing',
      ...policyOrigin,
    };
  }
  const write = (line: string) => (policy.mode === 'report' ? `di_report:\n  ${line}\n` : `${line}\n`);
  const found = (names: readonly string[]): DsIdentifyRun => ({
    exitStatus: 0,
    written: write(`datasource_list: [ ${withNone(names).join(', ')} ]`),
  });
  const reports = policy.mode === 'report' ? ' (policy "report": without effect)' : '';

  const name = commandLine.datasource ?? settings.datasource?.value ?? '';
  if (name !== '') {
    const origin = commandLine.datasource === undefined ? bySetting(settings.datasource?.place) : byCommandLine;
    return { run: found([name]), account: `ds-identify is told to use${reports}`, list: [name], ...origin };
  }
  const scanned = scanDatasourceList(input.files, dialect);
  const listed = listFromCommandLine(input.commandLine?.text ?? '', dialect);
  const list = listed ?? scanned?.words;
  const listOrigin: Origin = listed
    ? byCommandLine
    : scanned
      ? { decidedBy: 'datasource-list', evidence: [scanned.place] }
      : nowhere;
  const withList = list ? { list } : {};
  if (input.manualClean) {
    const account = 'ds-identify keeps an earlier result because of /var/lib/cloud/instance/manual-clean';
    return { run: { exitStatus: 0, written: write('# manual_cache_clean.') }, account, ...withList, ...listOrigin };
  }
  if (list?.length === 0) {
    // `[ , ]`: the script asks for the second of no names and dies of an unset variable.
    return { run: { exitStatus: 1 }, account: 'ds-identify fails on a list without names', list, ...listOrigin };
  }
  if (list && (list.length === 1 || (list.length === 2 && list[1] === 'None'))) {
    const single =
      list.length === 1 && version !== undefined && !isAtLeast(version, [24, 1, 3]) ? found(list) : undefined;
    const alone = { exitStatus: 0, written: write(`datasource_list: [ ${list.join(', ')} ]`) } as const;
    return {
      run: single ?? alone,
      account: `ds-identify uses the only entry without probing${reports}`,
      list,
      ...listOrigin,
    };
  }
  const forced = forcesNoCloud(input.commandLine?.text ?? '', version);
  const hits = (list ?? ['NoCloud', 'Azure']).filter((name) => name === 'Azure' || (forced && name === 'NoCloud'));
  if (hits.length > 0) {
    const origin = forced && hits[0] === 'NoCloud' ? byCommandLine : listOrigin;
    const used = policy.found === 'first' ? hits.slice(0, 1) : hits;
    return { run: found(used), account: `ds-identify finds${reports}`, ...withList, ...origin };
  }
  const exitStatus = policy.mode === 'report' || policy.notFound === 'enabled' ? 0 : 1;
  const account = `ds-identify finds none of ${(list ?? []).join(', ')}`;
  return { run: { exitStatus, written: 'di_report:\n' }, account, ...withList, ...listOrigin };
}

/** The script's `found`: None comes last unless it is there. */
function withNone(names: readonly string[]): readonly string[] {
  const joined = ` ${names.join(', ')} `;
  return joined.includes(' None, ') || joined.endsWith(' None ') ? names : [...names, 'None'];
}
