export const commandNames = ['check', 'rules', 'explain', 'inspect', 'ls', 'cat', 'new-rule'] as const;
