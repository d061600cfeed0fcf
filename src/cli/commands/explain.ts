import { fileOnly } from '../../config/config-file.ts';
import { didYouMean } from '../../config/did-you-mean.ts';
import { presets } from '../../config/presets.ts';
import { isSettingKey, type SettingKey, settingKeys, settings } from '../../config/settings.ts';
import { UsageError } from '../../config/usage-error.ts';
import { terminalPage } from '../../docs/terminal-page.ts';
import type { Outcome } from '../../engine/model.ts';
import { paletteOf } from '../../reports/palette.ts';
import { wantsColour } from '../colour.ts';
import { columnsOf } from '../destinations.ts';
import { describeExitCode, exitCodes } from '../exit-code.ts';
import type { Flags } from '../flags.ts';
import { allRules, builtInRules, type CliIo } from '../io.ts';
import { pluginsByFlags } from '../plugin-settings.ts';
import { switchFlag } from '../read-flags.ts';
import { ruleDoc } from '../rule-docs.ts';

const outcomes: Readonly<Record<Outcome, string>> = {
  pass: 'The image is as the rule wants it.',
  fail: 'At least one finding says what is wrong, where, and how to put it right.',
  'not-applicable': 'What the rule is about is not in the image, or the rule is meant for other images.',
  skipped: 'This kind of target cannot show it; a directory, for example, has no partition table.',
  unknown:
    'It should have been decidable and was not: permission denied, a volume that is missing, a cap. With severity error the image gets no verdict, unless --allow-unknown is given.',
};

const topics: ReadonlyMap<string, () => string> = new Map([
  ['exit-codes', exitCodesPage],
  ['outcomes', outcomesPage],
  ['config', configPage],
  ['presets', presetsPage],
]);

function exitCodesPage(): string {
  const codes = Object.values(exitCodes).map((entry) => `- ${entry.code}: ${describeExitCode(entry)}. ${entry.advice}`);
  const several =
    'With several targets: 2 when one could not be scanned at all, else 1 when one fails, else 2 when one is undecided, else 0. Where reports are written does not change the code.';
  return `# Exit codes\n\n${codes.join('\n')}\n\n${several}\n`;
}

function outcomesPage(): string {
  const lines = Object.entries(outcomes).map(([outcome, meaning]) => `- ${outcome}: ${meaning}`);
  return `# Outcomes of a rule\n\n${lines.join('\n')}\n`;
}

function settingText(key: SettingKey): string {
  const { flag, environment, describe, choices } = settings[key];
  const values = choices === undefined ? '' : ` One of ${choices.join(', ')}.`;
  return `${key} (--${flag}, ${environment}): ${describe}.${values}`;
}

function configPage(): string {
  const own = settingKeys.map((key) => `- ${settingText(key)}`);
  const others = Object.entries(fileOnly).map(([key, describe]) => `- ${key} (file only): ${describe}.`);
  const where =
    'The file is what --config names, else VHD_PREFLIGHT_CONFIG, else the nearest .vhd-preflight.yaml from here up to the root of the repository, else vhd-preflight/config.yaml below XDG_CONFIG_HOME. The environment wins over the file, a flag over both.';
  return `# Configuration\n\n${where}\n\n${[...own, ...others].join('\n')}\n`;
}

function presetsPage(): string {
  const lines = Object.entries(presets).map(
    ([name, { describe, settings: preset }]) => `- ${name}: ${describe} (${JSON.stringify(preset)}).`,
  );
  return `# Presets of the key extends\n\n${lines.join('\n')}\n`;
}

/** Prints the page of a rule, or of one of the few other topics. */
export async function explain(topic: string, flags: Flags, io: CliIo): Promise<number> {
  const palette = paletteOf(wantsColour(switchFlag(flags, 'no-color') ?? false, io.env, io.stdout));
  io.stdout.write(terminalPage(await pageOf(topic, flags, io), columnsOf(io), palette));
  return exitCodes.pass.code;
}

async function pageOf(topic: string, flags: Flags, io: CliIo): Promise<string> {
  const other = topics.get(topic);
  if (other) return other();
  if (isSettingKey(topic)) return `# ${topic}\n\n${settingText(topic)}\n`;
  const [, describe] = Object.entries(fileOnly).find(([key]) => key === topic) ?? [];
  if (describe !== undefined) return `# ${topic}\n\n${topic} (file only): ${describe}.\n`;
  const builtIn = (await builtInRules(io)).find(({ id }) => id === topic);
  if (builtIn) return ruleDoc(builtIn);
  const rules = await allRules(io, await pluginsByFlags(flags, io));
  const rule = rules.find(({ id }) => id === topic);
  if (rule) return ruleDoc(rule);
  const names = [...rules.map(({ id }) => id), ...topics.keys(), ...settingKeys, ...Object.keys(fileOnly)];
  throw new UsageError(`no rule or topic is called "${topic}"${didYouMean(topic, names)}`);
}
