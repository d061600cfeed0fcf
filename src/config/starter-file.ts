import { fileOnly } from './config-file.ts';
import { presets } from './presets.ts';
import { type SettingDescription, settingKeys, settings } from './settings.ts';

/** A configuration file that changes nothing and says all that can be set. */
export function starterFile(toolName: string): string {
  const presetLines = Object.entries(presets).map(([name, { describe }]) => `#   ${name}: ${describe}`);
  const keys = settingKeys.map((key) => `# ${settings[key].describe}\n#${key}: ${exampleOf(settings[key])}\n`);
  return [
    `# Settings of ${toolName}. Every line is a comment: take the # away where the default does not fit.`,
    '# Flags and environment variables win over this file.',
    '',
    `# ${fileOnly.extends}:`,
    ...presetLines,
    '#extends: preflight:azure-gallery',
    '',
    ...keys,
    `# ${fileOnly.suppressions}`,
    '#suppressions:',
    '#  - rule: storage/swap',
    '#    reason: the database needs it',
    "#    expires: '2030-12-31'",
    '',
    `# ${fileOnly.data}`,
    '#data:',
    "#  endOfLife: { debian-12: '2028-06-30' }",
    '',
  ].join('\n');
}

function exampleOf({ kind, choices = [] }: SettingDescription): string {
  switch (kind) {
    case 'choice':
      return choices[0] ?? '';
    case 'choices':
      return `[${choices[0] ?? ''}]`;
    case 'switch':
      return 'true';
    case 'selection':
      return '[storage, ssh/server]';
    case 'levels':
      return '{ storage/swap: warning }';
    case 'text':
      return "'web'";
  }
}
