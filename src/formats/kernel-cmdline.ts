/** One word of a kernel command line. */
export interface KernelParameter {
  /** The whole word, unquoted: `console=ttyS0,115200n8`. */
  readonly text: string;
  /** Before the first `=`. */
  readonly name: string;
  /** After the first `=`; undefined for a bare word. */
  readonly value?: string;
}

/**
 * Splits a command line as the kernel does (`next_arg` of lib/cmdline.c, `parse_args` of kernel/params.c): blanks inside
 * double quotes do not separate, quotes around a word or a value go away, and a bare `--` hands the rest to init.
 */
export function parseKernelCommandLine(text: string): KernelParameter[] {
  const parameters: KernelParameter[] = [];
  for (const word of words(text)) {
    const parameter = toParameter(word);
    if (parameter.name === '--' && parameter.value === undefined) break;
    parameters.push(parameter);
  }
  return parameters;
}

/** White space of the kernel's own ctype table, which counts the byte 0xA0 in. */
const SPACE = /[ \t\n\v\f\r\u00A0]/;

function words(text: string): string[] {
  const found: string[] = [];
  let word = '';
  let quoted = false;
  for (const character of text) {
    if (SPACE.test(character) && !quoted) {
      if (word !== '') found.push(word);
      word = '';
      continue;
    }
    if (character === '"') quoted = !quoted;
    word += character;
  }
  if (word !== '') found.push(word);
  return found;
}

function toParameter(word: string): KernelParameter {
  const isQuoted = word.startsWith('"');
  const body = isQuoted ? word.slice(1) : word;
  // An `=` in the first place belongs to the name: next_arg takes position 0 for "not found yet".
  const separator = body.indexOf('=', 1);
  if (separator < 0) {
    const name = isQuoted ? withoutClosingQuote(body) : body;
    return { text: name, name };
  }
  const name = body.slice(0, separator);
  const rest = body.slice(separator + 1);
  let value = rest.startsWith('"') ? withoutClosingQuote(rest.slice(1)) : rest;
  if (isQuoted && !rest.startsWith('"')) value = withoutClosingQuote(value);
  return { text: `${name}=${value}`, name, value };
}

function withoutClosingQuote(text: string): string {
  return text.endsWith('"') ? text.slice(0, -1) : text;
}
