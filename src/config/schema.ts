import { fileOnly } from './config-file.ts';
import { presets } from './presets.ts';
import { type SettingDescription, settingKeys, settings } from './settings.ts';

/** JSON Schema of the configuration file, for editors. The program itself checks more, and says it better. */
export function configSchema(): object {
  const names = { type: 'string', enum: Object.keys(presets) };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of vhd-preflight',
    type: 'object',
    additionalProperties: false,
    properties: {
      extends: { description: fileOnly.extends, anyOf: [names, { type: 'array', items: names }] },
      ...Object.fromEntries(
        settingKeys.map((key) => [key, { description: settings[key].describe, ...typeOf(settings[key]) }]),
      ),
      suppressions: {
        description: fileOnly.suppressions,
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['rule', 'reason'],
          properties: {
            rule: { type: 'string', description: 'id of a rule, or an area' },
            path: { type: 'string', description: 'pattern of the path in the image; * also matches /' },
            image: { type: 'string', description: 'pattern of the label of the image' },
            reason: { type: 'string', minLength: 1 },
            expires: { type: 'string', pattern: day, description: 'last day (UTC) on which it holds' },
            owner: { type: 'string', description: 'for the people who read this file' },
          },
        },
      },
      data: {
        description: fileOnly.data,
        type: 'object',
        additionalProperties: false,
        properties: { endOfLife: { type: 'object', additionalProperties: { type: 'string', pattern: day } } },
      },
    },
  };
}

const day = '^[0-9]{4}-[0-9]{2}-[0-9]{2}$';

function typeOf({ kind, choices = [] }: SettingDescription): object {
  // YAML reads `generation: 2` as a number.
  const values = choices.flatMap((choice) => (/^\d+$/.test(choice) ? [choice, Number(choice)] : [choice]));
  switch (kind) {
    case 'choice':
      return { enum: values };
    case 'choices':
      return { type: 'array', items: { enum: values } };
    case 'switch':
      return { type: 'boolean' };
    case 'selection':
      return { type: 'array', items: { type: 'string' } };
    case 'levels':
      return { type: 'object', additionalProperties: { enum: values } };
    case 'text':
      return { type: 'string' };
  }
}
