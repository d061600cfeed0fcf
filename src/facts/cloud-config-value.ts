import type { CloudConfigValue } from './cloud-init.ts';

/** `Array.isArray` makes the items of a read-only list `any`. */
export function isList(value: CloudConfigValue | undefined): value is readonly CloudConfigValue[] {
  return Array.isArray(value);
}
