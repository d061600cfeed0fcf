#!/usr/bin/env bash
# Usage: update-grub.sh ROOT <TABLE
#
# Writes /boot/grub/grub.cfg of a root directory by its own update-grub. What grub-probe would ask devices for is
# answered from the table, one line for each file system: MOUNT-POINT DEVICE TYPE UUID PARTUUID, where `-` is no
# answer and the type is the name of GRUB's module. A device below /dev/mapper counts as a logical volume.
# Needs root.
set -euo pipefail
folder=$(dirname "$0")
root=$1
table=$(mktemp)
trap 'rm -f "$table"' EXIT
cat > "$table"

# shellcheck disable=SC2016  # expanded inside the root
bash "$folder/in-root.sh" "$root" bash -euo pipefail -c '
  echo "$1" > /run/grub-table
  cat > /run/grub-probe <<"PROBE"
#!/bin/sh
target= of=
while [ $# -gt 0 ]; do
  case $1 in
    --target=*) target=${1#--target=} ;;
    -t) target=$2; shift ;;
    --device | -d | --device-map | -m) ;;
    -*) ;;
    *) of=${of:-$1} ;;
  esac
  shift
done
case $of in
  /dev/*) ;;
  # /usr/share and the like lie on whatever holds them; what is asked for are / and /boot, and files below.
  /boot | /boot/*) grep -q "^/boot " /run/grub-table && of=/boot || of=/ ;;
  *) of=/ ;;
esac
while read -r place device type uuid partuuid; do
  [ "$of" = "$place" ] || [ "$of" = "$device" ] || continue
  case $target in
    device) echo "$device" ;;
    fs) echo "$type" ;;
    fs_uuid) echo "$uuid" ;;
    partuuid) [ "$partuuid" = - ] || echo "$partuuid" ;;
    partmap) echo gpt ;;
    abstraction) case $device in /dev/mapper/*) echo lvm ;; esac ;;
  esac
  exit
done < /run/grub-table
PROBE
  chmod 0755 /run/grub-probe
  mkdir -p /dev/disk/by-uuid
  # What is not there by UUID is named by its device, as a logical volume is.
  while read -r _ device _ uuid _; do
    case $device in /dev/mapper/*) ;; *) : > "/dev/disk/by-uuid/$uuid" ;; esac
  done < /run/grub-table
  mount --bind /run/grub-probe /usr/sbin/grub-probe
  update-grub' update-grub "$(cat "$table")"
