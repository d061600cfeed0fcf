export const commandNames = [
  'check',
  'rules',
  'explain',
  'inspect',
  'ls',
  'cat',
  'init',
  'completion',
  'new-rule',
] as const;
