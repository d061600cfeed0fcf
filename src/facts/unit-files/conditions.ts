import type { RootFs } from '../../image/root-fs.ts';
import type { UnitSetting } from '../unit-files.ts';

const checks = new Set([
  'ConditionPathExists',
  'ConditionFileIsExecutable',
  'ConditionPathIsDirectory',
  'ConditionFileNotEmpty',
  'AssertPathExists',
]);

/**
 * The first condition on a file for which systemd skips the unit on this image. Paths that only a running system has do
 * not count, nor do conditions of which one of several must hold (`|`).
 */
export function unmetCondition(rootFs: RootFs, settings: readonly UnitSetting[]): UnitSetting | undefined {
  return settings.find(({ key, value }) => {
    const [, negation = '', path] = /^(!?)(\/[^*?[%]*)$/.exec(value) ?? [];
    if (!checks.has(key) || path === undefined || /^\/(?:run|proc|sys|dev)(?:\/|$)/.test(path)) return false;
    return (rootFs.stat(path) !== undefined) === (negation === '!');
  });
}
