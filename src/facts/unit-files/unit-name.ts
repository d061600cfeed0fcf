/** The three shapes of a unit name, as in `unit_name_is_valid` of systemd. */
export type UnitNameShape = 'plain' | 'template' | 'instance';

const TYPES = new Set([
  'service',
  'socket',
  'target',
  'device',
  'mount',
  'automount',
  'swap',
  'timer',
  'path',
  'slice',
  'scope',
]);
const ALIAS_TYPES = new Set(['service', 'socket', 'target', 'device', 'timer', 'path']);
const TEMPLATE_TYPES = new Set(['service', 'socket', 'target', 'timer', 'path']);
const MAX_LENGTH = 255;

/** Undefined for what is no unit name. */
export function unitNameShape(name: string): UnitNameShape | undefined {
  const dot = name.lastIndexOf('.');
  const body = name.slice(0, dot);
  if (dot <= 0 || name.length > MAX_LENGTH || !TYPES.has(name.slice(dot + 1))) return undefined;
  if (!/^[A-Za-z0-9:\-_.\\@]+$/.test(body)) return undefined;
  const at = body.indexOf('@');
  if (at === 0) return undefined;
  if (at < 0) return 'plain';
  return at === body.length - 1 ? 'template' : 'instance';
}

/** `service` of `ssh.service`. */
export function unitType(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

export function mayAlias(name: string): boolean {
  return ALIAS_TYPES.has(unitType(name));
}

export function mayTemplate(name: string): boolean {
  return TEMPLATE_TYPES.has(unitType(name));
}

/** `getty@.service` for `getty@tty1.service` and for itself; undefined for a name without `@`. */
export function templateOf(name: string): string | undefined {
  const at = name.indexOf('@');
  const dot = name.lastIndexOf('.');
  return at < 0 || dot < at ? undefined : name.slice(0, at + 1) + name.slice(dot);
}

/** `tty1` for `getty@tty1.service`; undefined without an instance. */
export function instanceOf(name: string): string | undefined {
  return unitNameShape(name) === 'instance' ? name.slice(name.indexOf('@') + 1, name.lastIndexOf('.')) : undefined;
}

/** `getty@tty1.service` for `getty@.service` and `tty1`. */
export function withInstance(name: string, instance: string): string {
  const at = name.indexOf('@');
  return at < 0 ? name : name.slice(0, at + 1) + instance + name.slice(name.lastIndexOf('.'));
}
