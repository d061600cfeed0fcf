/**
 * The library: open a target, scan it by rules, get the report as data. What rules need to be written comes from
 * `rule-api.ts`; a kit to test them is `vhd-preflight/testing`.
 */
export { default as builtInRules } from '../rules/index.ts';
export type { Host } from './engine/host.ts';
export type { FailOn } from './engine/verdict.ts';
export { nodeHost } from './host/host.ts';
export { type OpenOptions, openTarget } from './host/open.ts';
export { type Image, TargetError } from './image/image.ts';
export type { RootFs } from './image/root-fs.ts';
export * from './rule-api.ts';
export { type ScanOptions, scanImage } from './scan-image.ts';
export { version } from './version.ts';
