export const commandNames = ['check', 'rules', 'explain', 'inspect', 'new-rule'] as const;
