import { evaluateTest, type FileProbe } from './grub-condition.ts';

/** Whether a command succeeds; undefined where that cannot be told. */
export function statusOf([name, ...words]: readonly string[], exists: FileProbe): boolean | undefined {
  switch (name) {
    case '!': {
      const status = statusOf(words, exists);
      return status === undefined ? undefined : !status;
    }
    case '[':
    case 'test':
      return evaluateTest(words, exists);
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      return undefined;
  }
}
