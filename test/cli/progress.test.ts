import { describe, expect, it, test } from '@jest/globals';
import { withProgress } from '../../src/cli/progress.ts';

async function told(milliseconds: number, isTTY: boolean, work: () => Promise<string>): Promise<string> {
  let text = '';
  const stderr = {
    isTTY,
    write: (more: string | Uint8Array) => {
      text += String(more);
    },
  };
  const io = { stdout: stderr, stderr, env: {}, cwd: '/' };
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return work();
  };
  try {
    expect(await withProgress(io, 'disk\u001b[31m.vhd', slow)).toBe('done');
  } catch (error) {
    text += String(error);
  }
  return text;
}

describe('progress', () => {
  it('is told at a terminal when the work takes long, and taken away again', async () => {
    const reading = 'vhd-preflight: reading disk\\x1b[31m.vhd …\r\u001b[K';
    expect(await told(1200, true, async () => 'done')).toBe(reading);
    expect(await told(1200, true, async () => Promise.reject(new Error('broken')))).toBe(`${reading}Error: broken`);
  });

  test.each([
    ['the work is quick', 1, true],
    ['nobody watches', 1200, false],
  ])('is not told when %s', async (_name, milliseconds, isTTY) => {
    expect(await told(milliseconds, isTTY, async () => 'done')).toBe('');
  });
});
