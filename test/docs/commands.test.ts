import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { Workbench } from '../kits/kit.ts';
import { type Block, blocksOf, type Command, commandsOf, pages, readPage, top } from './pages.ts';

jest.setTimeout(240_000);

/** What pages call things that the reader has, and what stands for them here. */
const examples: Readonly<Record<string, string>> = { IMAGE: 'demo', RULE: 'cloud-init/switch', FILE: 'fixes.sh' };

/** Programs of other people, and commands of the project that install it or are tests themselves. */
const standIns: Readonly<Record<string, string>> = {
  npm: `case "$*" in
  'run -s fixture '*) shift 3; exec node '${join(top, 'scripts', 'fixture.js')}' "$@" ;;
  ci|install|test|publish|'install --global vhd-preflight') ;;
  *) echo "npm has no stand-in for: $*" >&2; exit 2 ;;
esac`,
  packer: 'case "$1" in init|build) ;; *) exit 2 ;; esac',
};

const benches: Workbench[] = [];
afterAll(() => {
  for (const bench of benches) bench.remove();
});

/** A folder like the reader's: a checkout, images that a build left in output/, and a disk. */
function sandbox(): Workbench {
  const bench = new Workbench();
  benches.push(bench);
  for (const [name, script] of Object.entries(standIns)) bench.addProgram(name, script);
  for (const name of ['bin', 'docs', 'examples']) symlinkSync(join(top, name), join(bench.folder, name));
  // Where a plugin finds the library.
  mkdirSync(join(bench.folder, 'node_modules'));
  symlinkSync(top, join(bench.folder, 'node_modules', 'vhd-preflight'));
  mkdirSync(join(bench.folder, 'output'));
  for (const name of ['output/web', 'output/database']) bench.addImage('good', name);
  const disk = gunzipSync(readFileSync(join(top, 'fixtures', 'images', 'system.vhd.gz')));
  writeFileSync(join(bench.folder, 'disk.vhd'), disk);
  return bench;
}

interface Ran {
  readonly status: number;
  readonly output: string;
}

/** Runs the commands of a block one after the other in one shell, so that `$?` is that of the command before. */
function runAll(bench: Workbench, commands: readonly Command[]): readonly Ran[] {
  const mark = '=== end of a command: ';
  const script = commands.map(({ text }) => {
    const command = text.replaceAll(/\b[A-Z]+\b/g, (word) => examples[word] ?? word);
    // A subshell, lest `exit` ends what follows.
    return `(exit "$last"); (${command}\n); last=$?; printf '\\n%s%s\\n' '${mark}' "$last"`;
  });
  const { stdout } = bench.run(`exec 2>&1; set +e; last=0\n${script.join('\n')}\n`, {
    ROOT: 'demo',
    HOME: bench.scratch,
  });
  const parts = stdout.split(mark);
  return commands.map((_, index) => ({
    output: (parts[index] ?? '').replace(/^\d+\n/, '').replace(/\n$/, ''),
    status: Number.parseInt(parts[index + 1] ?? '', 10),
  }));
}

/** What changes from day to day and from machine to machine. */
function stable(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\d/g, 'DATE').replaceAll(/\d+(?:\.\d+)? m?s\b/g, 'DURATION');
}

/** Each piece between `[...]` stands in the output, one after the other; what was printed only where it does not. */
function expectShown(shown: string, printed: string): void {
  const pieces = stable(shown).split(/^ *\[\.\.\.\]\n/m);
  const text = stable(printed);
  if (pieces.length === 1) {
    expect(text.trimEnd()).toBe(stable(shown).trimEnd());
    return;
  }
  let from = 0;
  for (const piece of pieces) {
    const at = text.indexOf(piece.trimEnd(), from);
    if (at < 0) expect(text.slice(from)).toContain(piece.trimEnd());
    from = at + piece.trimEnd().length;
  }
}

const isRunnable = ({ language }: Block): boolean => ['sh', 'console'].includes(language);

/** A block that begins with the comment `# NAME` is the contents of that file, which later commands find. */
function writeShownFile(bench: Workbench, { text }: Block): void {
  const name = /^# (\.?[\w-]+\.(?:yaml|yml))\n/.exec(text)?.[1];
  if (name !== undefined) writeFileSync(join(bench.folder, name), text);
}

const runnable = pages
  .map((name) => [name, blocksOf(readPage(name))] as const)
  .filter(([, blocks]) => blocks.some(isRunnable));

describe('commands', () => {
  it.each(runnable)('of %s run, and print what is shown', (name, blocks) => {
    const bench = sandbox();
    const makesDemo = blocks.some(({ text }) => text.includes('fixture half-generalized demo'));
    if (!makesDemo) bench.addTree('../demo/half-generalized', 'demo');
    for (const block of blocks) {
      writeShownFile(bench, block);
      const commands = commandsOf(block);
      const ran = commands.length > 0 ? runAll(bench, commands) : [];
      for (const [index, { text, output }] of commands.entries()) {
        const { status, output: printed } = ran[index] ?? { status: 2, output: '' };
        const place = `${name}:${block.line}: ${text}`;
        if (output !== undefined) expectShown(output, printed);
        // What is shown without its output works, or finds something in the example.
        else if (status !== 0 && status !== 1) expect(`${place}\n${printed}`).toBe('a command that works');
        expect(printed).not.toMatch(/command not found|vhd-preflight: internal error/);
      }
    }
  });
});
