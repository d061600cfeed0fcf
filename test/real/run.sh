#!/usr/bin/env bash
# The main job on a real Debian image: `npm run test:real [-- JEST OPTIONS]`.
#
# Builds the image's root if need be and runs the suite in namespaces of its own, where the suite may mount layers over
# that root and run the image's own programs: nothing of it reaches the host, and all of it ends with the run.
# Without root rights, mmdebstrap or unshare the suite runs on fixtures alone and says so.
set -euo pipefail
cd "$(dirname "$0")/../.."

suite=(npm run --silent jest -- test/real "$@")
for program in mmdebstrap unshare; do
  if [ "$(id -u)" != 0 ] || ! command -v "$program" >/dev/null; then
    echo "test:real: left out the real image: it needs root rights and the programs mmdebstrap and unshare" >&2
    exec "${suite[@]}"
  fi
done

root=$(bash test/real/build-debian-root.sh)
export VHD_PREFLIGHT_REAL_ROOT=$root
exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc --uts --ipc --net -- "${suite[@]}"
