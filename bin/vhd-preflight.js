#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli.mjs', import.meta.url);
if (existsSync(built)) {
  const { main, processIo } = await import(built.href);
  process.exitCode = await main(process.argv.slice(2), processIo(process));
} else {
  console.error('vhd-preflight: dist/cli.mjs is missing; run "npm ci" or "npm run build" in this directory first');
  process.exitCode = 2;
}
