import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliIo, Sink } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { materialize } from '../../src/testing/materialize.ts';
import type { Tree } from '../../src/testing/tree.ts';
import { sampleRules } from './sample-rules.ts';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Recorder implements Sink {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(isTTY: boolean, columns: number) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  /** Bytes show as Latin-1, one character each. */
  write(text: string | Uint8Array): void {
    this.text += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
  }
}

/** A directory that holds the given files and is gone at the end. */
export function scratchDirectory(files: Tree = {}): { readonly path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'cli-')));
  const folder = join(path, 'work');
  if (!existsSync(folder)) mkdirSync(folder);
  materialize(files, folder);
  return { path: folder, remove: () => rmSync(path, { recursive: true }) };
}

export async function runCli(
  argv: readonly string[],
  options: Partial<CliIo> & { readonly tty?: boolean; readonly columns?: number } = {},
): Promise<Run> {
  const { tty = false, columns = 80, ...io } = options;
  const stdout = new Recorder(tty, columns);
  const stderr = new Recorder(tty, columns);
  const code = await main(argv, { stdout, stderr, env: {}, cwd: tmpdir(), rules: sampleRules, ...io });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
