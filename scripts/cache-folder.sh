#!/usr/bin/env bash
# Prints the folder that keeps what is slow to make (the Debian root, the oracle programs) between runs and clones.
# Root's lies outside its home, which other users cannot enter: some tests read the cache as another user.
set -euo pipefail
if [ -n "${VHD_PREFLIGHT_CACHE:-}" ]; then
  echo "$VHD_PREFLIGHT_CACHE"
elif [ "$(id -u)" = 0 ]; then
  echo /var/cache/vhd-preflight
else
  echo "${XDG_CACHE_HOME:-$HOME/.cache}/vhd-preflight"
fi
