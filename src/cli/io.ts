import { fstatSync, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { UsageError } from '../config/usage-error.ts';
import type { Rule } from '../engine/define.ts';
import { systemErrorCode } from '../host/system-error.ts';
import type { PluginFile } from './plugins.ts';

/** A stream that takes text, and bytes as they are. */
export interface Sink {
  write(text: string | Uint8Array): void;
  /** Waits until what was written is on its way; false when nobody reads any more. */
  drained?(): Promise<boolean>;
  /** Whether nothing is left in this process: to end it now would lose no text. False where that is not known. */
  readonly isFlushed?: boolean;
  readonly isTTY: boolean;
  /** Width of the terminal; undefined when it is none. */
  readonly columns?: number;
}

/** `import()` of a module by its URL. Within the bundle only bin/load.js can do that. */
export type ImportModule = (url: string) => Promise<unknown>;

/** All that the command line touches of the process, so that tests can run it within their own. */
export interface CliIo {
  /** Reports only. */
  readonly stdout: Sink;
  /** Notices, warnings and errors. */
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Rules to run instead of the built-in ones. */
  readonly rules?: readonly Rule[];
  /** For plugins; left out, as in tests: the host's own. */
  readonly importModule?: ImportModule;
}

interface Output {
  readonly descriptor: number;
  readonly name: string;
  readonly stream: () => NodeJS.WriteStream;
}

/** The process's own, with `isFlushed`: whether all that was written has left the process. */
export function processIo(process: NodeJS.Process, importModule: ImportModule): CliIo & { isFlushed(): boolean } {
  let stdout: Sink | undefined;
  let stderr: Sink | undefined;
  return {
    // Each is opened when it is asked for: few runs have anything to say on standard error.
    get stdout() {
      stdout ??= sinkOf({ descriptor: 1, name: 'standard output', stream: () => process.stdout });
      return stdout;
    },
    get stderr() {
      stderr ??= sinkOf({ descriptor: 2, name: 'standard error', stream: () => process.stderr });
      return stderr;
    },
    env: process.env,
    cwd: process.cwd(),
    importModule,
    isFlushed: () => [stdout, stderr].every((sink) => sink === undefined || sink.isFlushed === true),
  };
}

function sinkOf(output: Output): Sink {
  return mayBeTerminal(output.descriptor) && output.stream().isTTY ? streamSink(output) : directSink(output);
}

/** Asks the kernel alone: to load what Node has for terminals and streams takes longer than to write a report. */
function mayBeTerminal(descriptor: number): boolean {
  const file = fstatSync(descriptor);
  return file.isCharacterDevice() && file.rdev !== statSync(devNull).rdev;
}

/** A file or a pipe, which takes what is written at once or makes the writer wait. */
function directSink(output: Output): Sink {
  let isClosed = false;
  let stream: Sink | undefined;
  return {
    write(text) {
      if (stream) stream.write(text);
      if (stream || isClosed) return;
      try {
        const left = writeAtOnce(output.descriptor, typeof text === 'string' ? Buffer.from(text) : text);
        if (left.length === 0) return;
        stream = streamSink(output);
        stream.write(left);
      } catch (error) {
        isClosed = true;
        complainUnlessClosed(output, error);
      }
    },
    drained: async () => stream?.drained?.() ?? !isClosed,
    get isFlushed() {
      return stream === undefined;
    },
    isTTY: false,
  };
}

/** Gives what is left over when another process made the pipe non-blocking, and it is full. */
function writeAtOnce(descriptor: number, bytes: Uint8Array): Uint8Array {
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(descriptor, bytes, at);
  } catch (error) {
    if (systemErrorCode(error) !== 'EAGAIN') throw error;
  }
  return bytes.subarray(at);
}

function streamSink(output: Output): Sink {
  const stream = output.stream();
  let isClosed = false;
  stream.on('error', (error: Error) => {
    isClosed = true;
    complainUnlessClosed(output, error);
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    drained: () =>
      new Promise((resolve) => {
        if (isClosed || !stream.writableNeedDrain) {
          resolve(!isClosed);
          return;
        }
        const done = () => {
          for (const event of ['drain', 'error', 'close']) stream.off(event, done);
          resolve(!isClosed);
        };
        for (const event of ['drain', 'error', 'close']) stream.on(event, done);
      }),
    isTTY: stream.isTTY === true,
    ...(stream.isTTY && { columns: stream.columns }),
  };
}

/** A reader that has closed the pipe, as `head` does, has what it wants. */
function complainUnlessClosed({ name }: Output, error: unknown): void {
  const code = systemErrorCode(error);
  if (code !== 'EPIPE') throw new UsageError(`cannot write to ${name}: ${code}`);
}

type RuleSource = Pick<CliIo, 'rules' | 'importModule'>;

export async function builtInRules(io: RuleSource): Promise<readonly Rule[]> {
  return io.rules ?? (await import('../../rules/index.ts')).default;
}

/** Built-in rules and those of plugins, whose loading costs nothing where there are none. */
export async function allRules(io: RuleSource, plugins: readonly PluginFile[]): Promise<readonly Rule[]> {
  const builtIn = await builtInRules(io);
  if (plugins.length === 0) return builtIn;
  const { loadPlugins } = await import('./plugins.ts');
  return [...builtIn, ...(await loadPlugins(plugins, builtIn, io.importModule ?? ((url) => import(url))))];
}
