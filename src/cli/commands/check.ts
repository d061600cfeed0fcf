import { intentOf } from '../../config/intent.ts';
import { loadConfiguration } from '../../config/load.ts';
import { selectRules } from '../../config/select-rules.ts';
import { type SettingKey, settingKeys, settings } from '../../config/settings.ts';
import { UsageError } from '../../config/usage-error.ts';
import type { ImageReport, Report } from '../../engine/model.ts';
import { nodeHost } from '../../host/host.ts';
import { forTerminal } from '../../reports/escape.ts';
import { toolName, version } from '../../version.ts';
import { type Accepted, acceptKnown, baselineFlagsOf, readBaseline } from '../accepted.ts';
import { destinationsOf, writeReports } from '../destinations.ts';
import { combine, exitCodes } from '../exit-code.ts';
import type { Flags } from '../flags.ts';
import { builtInRules, type CliIo } from '../io.ts';
import { withProgress } from '../progress.ts';
import { listFlag, switchFlag, textFlag } from '../read-flags.ts';
import { type ScanRequest, scanNamed } from '../scan-named.ts';
import { expandTargets, labelsOf, type Unscanned } from '../targets.ts';

/** Scans every target, writes the reports and gives the exit code. */
export async function check(names: readonly string[], flags: Flags, io: CliIo): Promise<number> {
  if (names.length === 0) {
    throw new UsageError(
      'no target: name a disk image, a tar of a root file system, or the root directory of a mounted or extracted image',
    );
  }
  const destinations = destinationsOf(flags);
  const timeout = secondsOf(textFlag(flags, 'timeout'));
  const { found, unscanned } = await expandTargets(names, io.cwd);
  const configFlag = textFlag(flags, 'config');
  const configuration = loadConfiguration({
    flags: settingFlags(flags),
    environment: io.env,
    cwd: io.cwd,
    targets: found,
    ...(configFlag !== undefined && { configFlag }),
    noFile: switchFlag(flags, 'no-config') ?? false,
  });
  const { label } = configuration.settings;
  if (label !== undefined && found.length > 1) {
    throw new UsageError(`${configuration.originOf('label')}: one label cannot name ${found.length} images`);
  }
  const selected = selectRules(await builtInRules(io), configuration);
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
    severities: selected.severities,
    ...(configuration.settings.data && { data: configuration.settings.data }),
    ...(configuration.settings.rootPartition !== undefined && { rootVolume: configuration.settings.rootPartition }),
    allowDirty: configuration.settings.allowDirty ?? false,
  } as const satisfies Omit<ScanRequest, 'target' | 'label'>;
  const labels = label === undefined ? labelsOf(found, io.cwd) : [label];
  const images: ImageReport[] = [];
  const failures: Unscanned[] = [...unscanned];
  for (const [index, target] of found.entries()) {
    const named = { ...request, target, label: labels[index] ?? target };
    const outcome = await withProgress(io, target, async () =>
      timeout === undefined
        ? scanNamed(named, selected.rules)
        : (await import('../scan-within.ts')).scanWithin(timeout, named),
    );
    if ('message' in outcome) failures.push(outcome);
    else images.push(outcome);
  }
  for (const { message } of failures) io.stderr.write(`${toolName}: ${forTerminal(message)}\n`);

  const accepted = acceptKnown(
    images,
    configuration,
    { flags: baseline, known, cwd: io.cwd },
    { failOn: request.failOn, allowUnknown: request.allowUnknown, today: nodeHost.now().toISOString().slice(0, 10) },
  );
  for (const warning of accepted.warnings) io.stderr.write(`${toolName}: ${forTerminal(warning)}\n`);

  const report = reportOf(accepted, failures);
  await writeReports(report, destinations, flags, selected.leftOut, io);
  return report.exitCode;
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

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new UsageError(`--timeout: expected a number of seconds, found "${text}"`);
}
