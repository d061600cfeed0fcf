#!/usr/bin/env bash
# Usage: in-root.sh ROOT PROGRAM [ARGUMENT…]
#
# Runs a program inside a root directory with /proc, a small /dev and an empty /run, in namespaces of its own: a host
# name that it sets, a process that it starts, a mount or an address ends with it and never reaches the host.
# Needs root.
set -euo pipefail

# shellcheck disable=SC2016  # expanded by the inner shell
exec unshare --mount --propagation private --pid --fork --kill-child --uts --ipc --net -- bash -euo pipefail -c '
  root=$1
  shift
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
  mount -t tmpfs -o mode=0755 tmpfs "$root/run"
  mknod -m 0666 "$root/dev/null" c 1 3
  mknod -m 0666 "$root/dev/zero" c 1 5
  mknod -m 0666 "$root/dev/full" c 1 7
  mknod -m 0666 "$root/dev/random" c 1 8
  mknod -m 0666 "$root/dev/urandom" c 1 9
  ln -s /proc/self/fd "$root/dev/fd"
  mkdir -m 1777 "$root/dev/shm" "$root/run/lock"
  exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
    chroot "$root" "$@"
' in-root "$@"
