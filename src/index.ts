/**
 * The library: open a target, scan it by rules, get the report as data; and what a plugin is written with. The words of
 * a rule and the facts come from `rule-api.ts`; a kit to test rules is `vhd-preflight/testing`.
 */
export { default as builtInRules } from '../rules/index.ts';
export type { Host } from './engine/host.ts';
export { definePlugin, type Plugin, pluginApiVersion } from './engine/plugin.ts';
export type { FailOn } from './engine/verdict.ts';
export { nodeHost } from './host/host.ts';
export { type OpenOptions, openTarget } from './host/open.ts';
export { attempt } from './image/could-not-read.ts';
export { type Image, TargetError } from './image/image.ts';
export type { RootFs } from './image/root-fs.ts';
export * from './rule-api.ts';
export { type ScanOptions, scanImage } from './scan-image.ts';
export { version } from './version.ts';
