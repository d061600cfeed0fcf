#!/usr/bin/env bash
# Builds the root filesystem of a Debian 12 image for Azure as image builders do, and prints where it lies.
#
# It is kept between runs and built again when this script has changed or it is a week old. Debian's own Azure image
# is the model: the same packages, boot loader settings, netplan default and file system table. What only a disk has is
# missing (partitions, boot code, an EFI partition), so grub-probe is answered for by hand while grub.cfg is generated.
# Needs root, mmdebstrap and the machine's own apt sources; changes nothing outside its cache folder.
set -euo pipefail
cd "$(dirname "$0")"

suite=bookworm
packages=(
  systemd systemd-sysv dbus udev systemd-resolved netplan.io chrony # what boots
  linux-image-cloud-amd64 grub-cloud-amd64
  lvm2 xfsprogs btrfs-progs # what disks of further layouts boot from: see build-debian-disk.sh
  waagent cloud-init cloud-guest-utils hyperv-daemons openssh-server sudo # what provisions and lets people in
)
disk_uuid=5f0a1c52-6c3b-4d6e-9b0e-0d6a0e7f3a11
partition_uuid=3c9e0a6f-64a0-4f0f-8f0b-5d5b1f6f2c01
esp_uuid=7b1d4c0e-2f53-4a5e-8d0a-6f0a8c9d3e42

cache=$(bash ../../scripts/cache-folder.sh)
root=$cache/debian-root
stamp=$cache/debian-root.stamp
wanted=$(cat build-debian-root.sh in-root.sh update-grub.sh | sha256sum | cut -d' ' -f1)

is_current() { [ -d "$root" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; }
is_fresh() { is_current && [ -n "$(find "$stamp" -mtime -7)" ]; }

if is_fresh; then
  echo "$root"
  exit
fi
if [ "$(id -u)" != 0 ]; then
  echo 'build-debian-root: needs root' >&2
  exit 1
fi
mkdir -p "$cache"
exec 9>"$cache/debian-root.lock"
flock 9
if is_fresh; then
  echo "$root"
  exit
fi

new=$cache/debian-root.new
rm -rf --one-file-system "$new"
sources=()
# The sources of this machine, when it is a Debian of any release: they name the mirror that it reaches.
if grep -qs '^ID=debian$' /etc/os-release && [ -e /etc/apt/sources.list.d/debian.sources ]; then
  sources=("$cache/debian-root.sources")
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  sed "s/\b$codename\b/$suite/g" /etc/apt/sources.list.d/debian.sources > "${sources[0]}"
fi
if ! mmdebstrap --quiet --mode=root --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" \
  "$suite" "$new" "${sources[@]}" >&2; then
  rm -rf --one-file-system "$new"
  if is_current; then
    echo 'build-debian-root: the mirror failed; the root of an earlier week is used' >&2
    echo "$root"
    exit
  fi
  exit 1
fi

# mmdebstrap copies these two from the machine that builds; a fixed name and address stand for any builder's.
echo builder > "$new/etc/hostname"
if [ ! -L "$new/etc/resolv.conf" ]; then
  echo 'nameserver 192.0.2.53' > "$new/etc/resolv.conf"
fi
chmod 0644 "$new/etc/hostname"
cat > "$new/etc/hosts" <<'HOSTS'
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
HOSTS
cat > "$new/etc/fstab" <<FSTAB
PARTUUID=$partition_uuid / ext4 rw,discard,errors=remount-ro,x-systemd.growfs 0 1
PARTUUID=$esp_uuid /boot/efi vfat defaults 0 0
FSTAB
cat > "$new/etc/netplan/90-default.yaml" <<'NETPLAN'
network:
    version: 2
    ethernets:
        all-en:
            match:
                name: en*
            dhcp4: true
            dhcp6: true
        all-eth:
            match:
                name: eth*
            dhcp4: true
            dhcp6: true
NETPLAN

mkdir -p "$new/boot/grub" "$new/boot/efi"
bash update-grub.sh "$new" >&2 <<< "/ /dev/sda1 ext2 $disk_uuid $partition_uuid"

rm -rf --one-file-system "$root"
mv "$new" "$root"
echo "$wanted" > "$stamp"
echo "$root"
