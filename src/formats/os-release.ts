import { parseShellAssignments, type ShellAssignments } from './shell-assignments.ts';

/**
 * os-release(5): shell assignments without expansion. Readers on the VM (`load_env_file` of systemd, Python's
 * `distro`) take a carriage return as white space and skip a byte order mark, unlike a shell.
 */
export function parseOsRelease(text: string): ShellAssignments {
  return parseShellAssignments(text.replace(/^\uFEFF/, '').replace(/\r$/gm, ''));
}
