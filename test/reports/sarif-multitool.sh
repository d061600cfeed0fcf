#!/usr/bin/env bash
# Lets the validator of the SARIF project judge our reports of an image with findings. It is fetched for this run only:
# it brings a runtime of its own, larger than all other dependencies together. Errors of it fail; its warnings and notes
# are about what one reader wants, and are shown.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp .npmrc "$work/"
npm install --prefix "$work" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error @microsoft/sarif-multitool-linux@5.7.0
tool=$(find "$work/node_modules" -type f -name Sarif.Multitool | head -n 1)
chmod +x "$tool"
node scripts/fixture.js half-generalized "$work/image"
node bin/vhd-preflight.js "$work/image" --quiet --report "sarif=$work/plain.sarif" >/dev/null || test $? = 1
node bin/vhd-preflight.js "$work/image" --quiet --sarif-full --report "sarif=$work/full.sarif" >/dev/null || test $? = 1
for name in plain full; do
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$tool" validate "$work/$name.sarif" --rule-kind 'Sarif;Ghas' \
    --output "$work/$name-checked.sarif" --log ForceOverwrite >"$work/log" 2>&1 || cat "$work/log"
  node - "$work/$name-checked.sarif" "$name" <<'JS'
const { readFileSync } = require('node:fs');
const [file, name] = process.argv.slice(2);
const results = JSON.parse(readFileSync(file, 'utf8')).runs.flatMap((run) => run.results ?? []);
const counts = {};
for (const { ruleId, level = 'warning', message } of results) {
  const key = `${level} ${ruleId}`;
  counts[key] ??= 0;
  if (counts[key]++ === 0) console.log(`${name}: ${key}: ${JSON.stringify(message.arguments ?? message.text)}`);
}
console.log(`${name}: ${results.length} results`, counts);
if (results.some(({ level }) => level === 'error')) process.exitCode = 1;
JS
done
