import fc from 'fast-check';

/**
 * Any text, lone surrogates included. Like fast-check's own unit `binary`, without the second that its table of all of
 * Unicode takes to build in each test file.
 */
export const anyText = (constraints: { readonly minLength?: number; readonly maxLength?: number } = {}) =>
  fc.string({
    ...constraints,
    unit: fc.oneof(
      fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCodePoint(code)),
      fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
    ),
  });
