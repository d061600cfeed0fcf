import type { Rule } from '../engine/define.ts';

/** A stream that takes text, and bytes as they are. */
export interface Sink {
  write(text: string | Uint8Array): void;
  /** Waits until what was written is on its way; false when nobody reads any more. */
  drained?(): Promise<boolean>;
  readonly isTTY: boolean;
  /** Width of the terminal; undefined when it is none. */
  readonly columns?: number;
}

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
}

type OutputStream = NodeJS.WriteStream;

export function processIo(process: NodeJS.Process): CliIo {
  let stdout: Sink | undefined;
  let stderr: Sink | undefined;
  return {
    // Each is opened when it is asked for: few runs have anything to say on standard error.
    get stdout() {
      stdout ??= sinkOf(process.stdout);
      return stdout;
    },
    get stderr() {
      stderr ??= sinkOf(process.stderr);
      return stderr;
    },
    env: process.env,
    cwd: process.cwd(),
  };
}

function sinkOf(stream: OutputStream): Sink {
  let isClosed = false;
  stream.on('error', (error: Error & { readonly code?: string }) => {
    isClosed = true;
    // The reader has closed the pipe, as `head` does: it has what it wants.
    if (error.code !== 'EPIPE') throw error;
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

export async function builtInRules(io: CliIo): Promise<readonly Rule[]> {
  return io.rules ?? (await import('../../rules/index.ts')).default;
}
