import { intentOf } from '../../config/intent.ts';
import { type Configuration, loadConfiguration } from '../../config/load.ts';
import { selectRules } from '../../config/select-rules.ts';
import { type SettingKey, settingKeys, settings } from '../../config/settings.ts';
import { UsageError } from '../../config/usage-error.ts';
import type { Report } from '../../engine/model.ts';
import { nodeHost } from '../../host/host.ts';
import { forTerminal } from '../../reports/escape.ts';
import { toolName, version } from '../../version.ts';
import { type Accepted, acceptKnown, baselineFlagsOf, readBaseline } from '../accepted.ts';
import { destinationsOf, writeReports, writeTextFile } from '../destinations.ts';
import { combine, exitCodes } from '../exit-code.ts';
import type { Flags } from '../flags.ts';
import { allRules, type CliIo } from '../io.ts';
import { packerTargets } from '../packer-manifest.ts';
import { pluginsOf } from '../plugin-settings.ts';
import { listFlag, switchFlag, textFlag } from '../read-flags.ts';
import { scanAll } from '../scan-all.ts';
import type { ScanRequest } from '../scan-named.ts';
import { expandTargets, isUnscanned, labelsOf, shardOf, type Unscanned } from '../targets.ts';

/** Scans every target, writes the reports and gives the exit code. */
export async function check(names: readonly string[], flags: Flags, io: CliIo): Promise<number> {
  if (switchFlag(flags, 'print-config')) return showConfig(flags, io);
  const manifest = textFlag(flags, 'packer-manifest');
  const targets = [...names, ...(manifest === undefined ? [] : packerTargets(manifest, io))];
  if (targets.length === 0) {
    throw new UsageError(
      'no target: name a disk image, a tar of a root file system, or the root directory of a mounted or extracted image',
    );
  }
  const destinations = destinationsOf(flags);
  const timeout = numberFlag(flags, 'timeout', 'a number of seconds');
  const expanded = await expandTargets(targets, io.cwd);
  const shard = textFlag(flags, 'shard');
  const { found, unscanned } = shard === undefined ? expanded : shardOf(expanded, shard);
  const configuration = configurationOf(flags, io, found);
  const { label } = configuration.settings;
  if (label !== undefined && found.length > 1) {
    throw new UsageError(`${configuration.originOf('label')}: one label cannot name ${found.length} images`);
  }
  const plugins = await pluginsOf(configuration, found);
  const rules = await allRules(io, plugins);
  const selected = selectRules(rules, configuration);
  const baseline = baselineFlagsOf(flags);
  const known = baseline.compare === undefined ? undefined : readBaseline(baseline.compare, io.cwd);
  const notices = [...configuration.warnings];
  if (switchFlag(flags, 'verbose') && configuration.file) notices.push(`settings from ${configuration.file}`);
  for (const notice of notices) io.stderr.write(`${toolName}: ${forTerminal(notice)}\n`);

  const request = {
    cwd: io.cwd,
    intent: intentOf(configuration.settings),
    failOn: configuration.settings.failOn ?? 'error',
    allowUnknown: configuration.settings.allowUnknown ?? false,
    ruleIds: selected.rules.map(({ id }) => id),
    ...(plugins.length > 0 && { plugins }),
    severities: selected.severities,
    ...(configuration.settings.data && { data: configuration.settings.data }),
    ...(configuration.settings.rootPartition !== undefined && { rootVolume: configuration.settings.rootPartition }),
    allowDirty: configuration.settings.allowDirty ?? false,
  } as const satisfies Omit<ScanRequest, 'target' | 'label'>;
  const labels = label === undefined ? labelsOf(found, io.cwd) : [label];
  const outcomes = await scanAll(
    found.map((target, index) => ({ ...request, target, label: labels[index] ?? target })),
    rules,
    { io, timeout, jobs: numberFlag(flags, 'jobs', 'a number of threads') },
  );
  const images = outcomes.flatMap((outcome) => (isUnscanned(outcome) ? [] : [outcome]));
  const failures = [...unscanned, ...outcomes.filter(isUnscanned)];
  for (const { message } of failures) io.stderr.write(`${toolName}: ${forTerminal(message)}\n`);

  const accepted = acceptKnown(
    images,
    configuration,
    { flags: baseline, known, cwd: io.cwd },
    { failOn: request.failOn, allowUnknown: request.allowUnknown, today: nodeHost.now().toISOString().slice(0, 10) },
  );
  for (const warning of accepted.warnings) io.stderr.write(`${toolName}: ${forTerminal(warning)}\n`);

  const report = reportOf(accepted, failures);
  const script = textFlag(flags, 'fix-script');
  if (script !== undefined) await writeFixScript(script, report, io.cwd);
  await writeReports(report, destinations, flags, selected.leftOut, io);
  return report.exitCode;
}

function configurationOf(flags: Flags, io: CliIo, targets: readonly string[]): Configuration {
  const configFlag = textFlag(flags, 'config');
  return loadConfiguration({
    flags: settingFlags(flags),
    environment: io.env,
    cwd: io.cwd,
    targets,
    ...(configFlag !== undefined && { configFlag }),
    noFile: switchFlag(flags, 'no-config') ?? false,
  });
}

async function showConfig(flags: Flags, io: CliIo): Promise<number> {
  const { printConfig } = await import('../print-config.ts');
  io.stdout.write(printConfig(configurationOf(flags, io, [])));
  return exitCodes.pass.code;
}

async function writeFixScript(file: string, report: Report, cwd: string): Promise<void> {
  const [image, ...others] = report.images;
  if (!image || others.length > 0) throw new UsageError(`--fix-script: takes one image, found ${report.images.length}`);
  const { renderFixScript } = await import('../../reports/fix-script.ts');
  writeTextFile(file, cwd, renderFixScript(report, image), 'script');
}

function reportOf({ images, warnings }: Accepted, unscanned: readonly Unscanned[]): Report {
  const verdict = combine(images, unscanned.length);
  return {
    schemaVersion: 1,
    tool: { name: toolName, version },
    verdict,
    exitCode: exitCodes[verdict].code,
    images,
    ...(warnings.length > 0 && { warnings }),
    unscanned,
  };
}

/** Values of the flags that are settings; which of them are lists is the settings table's business. */
function settingFlags(flags: Flags): Partial<Record<SettingKey, unknown>> {
  return Object.fromEntries(
    settingKeys.map((key) => {
      const { flag, kind } = settings[key];
      const read = kind === 'switch' ? switchFlag : ['choice', 'text'].includes(kind) ? textFlag : listFlag;
      return [key, read(flags, flag)];
    }),
  );
}

function numberFlag(flags: Flags, name: string, expected: string): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${name}: expected ${expected}, found "${text}"`);
}
