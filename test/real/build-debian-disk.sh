#!/usr/bin/env bash
# Usage: build-debian-disk.sh LAYOUT ROOT NAME SIZE
#
# Puts a root directory onto a raw disk image that a virtual machine could boot, and prints where it lies. LAYOUT is
#   ext4     one partition, as in Debian's own image for Azure
#   xfs-lvm  /boot on ext4; /, /usr, /var and /home on logical volumes with XFS, as in the images of RHEL
#   btrfs    subvolumes for / and /home, compressed by zstd
# each on a GPT with a BIOS boot partition and an EFI system partition. SIZE is one that truncate takes.
#
# Real programs make it all: the kernel's file systems on loop devices, lvm without device-mapper, the root's own
# update-grub and grub-mkimage. The image is kept under NAME and built again when the root or a script has changed.
# What it lies in is known beside it, in NAME.volumes: one line MOUNT-POINT TYPE OFFSET LENGTH OPTIONS for each mount.
# Needs root.
set -euo pipefail
cd "$(dirname "$0")"

layout=$1
root=$2
name=$3
size=$4
cache=$(bash ../../scripts/cache-folder.sh)
folder=$cache/debian-disks
image=$folder/$name.raw
stamp=$folder/$name.stamp
scripts=(build-debian-disk.sh build-debian-root.sh in-root.sh update-grub.sh recipes.ts)

wanted=$({
  cat "${scripts[@]}"
  stat --format %Y "$cache/debian-root.stamp"
  echo "$layout $size"
} | sha256sum | cut -d' ' -f1)
is_current() { [ -e "$image" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; }

mkdir -p "$folder"
exec 9> "$folder/$name.lock"
flock 9
if is_current; then
  echo "$image"
  exit
fi
if [ "${VHD_PREFLIGHT_MOUNTS:-}" != private ]; then
  export VHD_PREFLIGHT_MOUNTS=private
  exec unshare --mount --propagation private -- bash "$(basename "$0")" "$@"
fi
rm -f "$stamp" "$image"
# Whatever the programs say, standard output is for the path alone.
exec 3>&1 1>&2

esp_uuid=7b1d4c0e-2f53-4a5e-8d0a-6f0a8c9d3e42
partition_uuid=3c9e0a6f-64a0-4f0f-8f0b-5d5b1f6f2c01
root_uuid=5f0a1c52-6c3b-4d6e-9b0e-0d6a0e7f3a11
boot_uuid=0d8c5f4e-3b0a-4a57-9c39-7f1f0c5e2b22

mebibyte=1048576
bios_start=$((1 * mebibyte))
esp_start=$((4 * mebibyte))
esp_size=$((124 * mebibyte))
first_start=$((128 * mebibyte))
boot_size=$((500 * mebibyte))

work=$(mktemp -d)
top=$work/top
new=$folder/$name.new
loops=()
finish() {
  if mountpoint -q "$top"; then umount --recursive "$top"; fi
  for loop in "${loops[@]}"; do losetup --detach "$loop"; done
  rm -rf --one-file-system "$work" "$new"
}
trap finish EXIT
mkdir "$top"
rm -f "$new"
truncate --size="$size" "$new"
# GPT keeps its backup in the last 33 sectors; a whole MiB is left for it.
end=$(($(stat --format %s "$new") - mebibyte))

loop=
attach() {
  loop=$(losetup --find --show --offset "$1" --sizelimit "$2" "$new")
  loops+=("$loop")
}

volumes=$work/volumes
: > "$volumes"
# Makes a file system at an offset and mounts it: PLACE TYPE OFFSET LENGTH MKFS-OPTION…
add_volume() {
  local place=$1 type=$2 offset=$3 length=$4
  shift 4
  attach "$offset" "$length"
  "mkfs.$type" -q "$@" "$loop"
  mkdir -p "$top$place"
  mount "$loop" "$top$place"
  echo "$place $type $offset $length -" >> "$volumes"
}

# sgdisk counts sectors: NUMBER START END CODE GUID
table=()
add_partition() { table+=("--new=$1:$(($2 / 512)):$(($3 / 512 - 1))" "--typecode=$1:$4" "--partition-guid=$1:$5"); }
add_partition 14 "$bios_start" "$esp_start" ef02 2a8e63a7-9f53-4c5a-8b5b-0c8f3e6d7a14
add_partition 15 "$esp_start" $((esp_start + esp_size)) ef00 "$esp_uuid"

lay_out_ext4() {
  add_partition 1 "$first_start" "$end" 8304 "$partition_uuid"
  sgdisk --disk-guid=9d010a6f-64a0-4f0f-8f0b-5d5b1f6f2c01 "${table[@]}" "$new" > "$work/log"
  add_volume / ext4 "$first_start" $((end - first_start)) -U "$root_uuid"
  fstab="PARTUUID=$partition_uuid / ext4 rw,discard,errors=remount-ro,x-systemd.growfs 0 1"
  devices="/ /dev/sda1 ext2 $root_uuid $partition_uuid"
  loader_uuid=$root_uuid
}

lay_out_btrfs() {
  add_partition 1 "$first_start" "$end" 8304 "$partition_uuid"
  sgdisk --disk-guid=9d020a6f-64a0-4f0f-8f0b-5d5b1f6f2c01 "${table[@]}" "$new" > "$work/log"
  attach "$first_start" $((end - first_start))
  mkfs.btrfs -q "$loop"
  root_uuid=$(blkid -p -o value -s UUID "$loop")
  mount "$loop" "$top"
  btrfs -q subvolume create "$top/@rootfs"
  btrfs -q subvolume create "$top/@home"
  umount "$top"
  mount -o subvol=@rootfs,compress=zstd:1 "$loop" "$top"
  mkdir "$top/home"
  mount -o subvol=@home "$loop" "$top/home"
  {
    echo "/ btrfs $first_start $((end - first_start)) subvol=@rootfs"
    echo "/home btrfs $first_start $((end - first_start)) subvol=@home"
  } > "$volumes"
  fstab="UUID=$root_uuid / btrfs subvol=@rootfs,compress=zstd:1 0 0
UUID=$root_uuid /home btrfs subvol=@home,compress=zstd:1 0 0"
  devices="/ /dev/sda1 btrfs $root_uuid $partition_uuid"
  loader_uuid=$root_uuid
}

# lvm apart from whatever volume groups the machine has, and without device-mapper.
lvm_on() {
  local device=$1 command=$2
  shift 2
  lvm "$command" --devicesfile '' --driverloaded n "$@" --config "devices { filter=[\"a|^$device\$|\",\"r|.*|\"] }
    backup { backup=0 archive=0 } activation { udev_sync=0 udev_rules=0 monitoring=0 } global { event_activation=0 }" \
    2> "$work/log" || { cat "$work/log" >&2; return 1; }
}

lay_out_xfs_lvm() {
  local group_start=$((first_start + boot_size)) device extent=$((4 * mebibyte)) volume first count
  add_partition 1 "$first_start" "$group_start" 8300 "$partition_uuid"
  add_partition 2 "$group_start" "$end" 8e00 4d0f0a6f-64a0-4f0f-8f0b-5d5b1f6f2c01
  sgdisk --disk-guid=9d030a6f-64a0-4f0f-8f0b-5d5b1f6f2c01 "${table[@]}" "$new" > "$work/log"

  export LVM_SYSTEM_DIR=$work/lvm LVM_SUPPRESS_FD_WARNINGS=1
  mkdir "$LVM_SYSTEM_DIR"
  attach "$group_start" $((end - group_start))
  device=$loop
  lvm_on "$device" pvcreate --yes --dataalignment 1m "$device" > "$work/log"
  lvm_on "$device" vgcreate --physicalextentsize 4m rootvg "$device" > "$work/log"
  for volume in 'rootlv --size 512m' 'homelv --size 320m' 'varlv --size 640m' 'usrlv --extents 100%FREE'; do
    # shellcheck disable=SC2086  # a name and an option
    lvm_on "$device" lvcreate -an -Zn -Wn --yes rootvg --name $volume > "$work/log"
  done
  for volume in / /home /var /usr; do
    IFS=: read -r first count < <(lvm_on "$device" pvs --noheadings --segments --options pvseg_start,pvseg_size \
      --separator : --select "lv_name=${volume#/}$([ "$volume" = / ] && echo root)lv" | tr -d ' ')
    add_volume "$volume" xfs $((group_start + mebibyte + first * extent)) $((count * extent))
  done
  add_volume /boot ext4 "$first_start" "$boot_size" -U "$boot_uuid"
  sync "$device"

  fstab="/dev/mapper/rootvg-rootlv / xfs defaults 0 0
UUID=$boot_uuid /boot ext4 defaults 0 2
/dev/mapper/rootvg-homelv /home xfs defaults 0 0
/dev/mapper/rootvg-usrlv /usr xfs defaults 0 0
/dev/mapper/rootvg-varlv /var xfs defaults 0 0"
  devices="/ /dev/mapper/rootvg-rootlv xfs $(blkid -p -o value -s UUID "$(findmnt -n -o SOURCE "$top")") -
/boot /dev/sda1 ext2 $boot_uuid $partition_uuid"
  loader_uuid=$boot_uuid
}

# What `grub-install --target=i386-pc` does: modules below /boot, boot code in the first sector, the rest in its partition.
install_bios_grub() {
  local modules=$top/boot/grub/i386-pc
  mkdir -p "$modules"
  cp "$top"/usr/lib/grub/i386-pc/*.{mod,lst,img} "$modules"
  echo "$find_grub" > "$modules/load.cfg"
  bash in-root.sh "$top" grub-mkimage --format i386-pc --output /boot/grub/i386-pc/core.img \
    --config /boot/grub/i386-pc/load.cfg --prefix /boot/grub \
    biosdisk part_gpt search_fs_uuid ext2 xfs btrfs lvm
  put() { dd of="$new" bs=1 seek="$1" conv=notrunc status=none "${@:2}"; }
  put 0 if="$modules/boot.img" count=440
  dd if="$modules/core.img" of="$new" bs=512 seek=$((bios_start / 512)) conv=notrunc status=none
  # Where the rest begins: sector 2048 for boot.img, and 2049 for the first sector of the rest.
  put $((0x5c)) < <(printf '\x00\x08\x00\x00\x00\x00\x00\x00')
  put $((bios_start + 500)) < <(printf '\x01\x08\x00\x00\x00\x00\x00\x00')
  # As on every hard disk, the drive that the BIOS names is not put into doubt.
  put $((0x66)) < <(printf '\x90\x90')
}

# What `grub-install --target=x86_64-efi --uefi-secure-boot --force-extra-removable` writes.
install_uefi_grub() {
  local efi=$work/esp/EFI signed=$top/usr/lib/grub/x86_64-efi-signed shim=$top/usr/lib/shim
  mkdir -p "$efi/debian" "$efi/BOOT" "$top/boot/grub/x86_64-efi"
  cp "$top"/usr/lib/grub/x86_64-efi/*.{mod,lst} "$top/boot/grub/x86_64-efi"
  cp "$shim/shimx64.efi.signed" "$efi/debian/shimx64.efi"
  cp "$shim/shimx64.efi.signed" "$efi/BOOT/BOOTX64.EFI"
  cp "$shim/fbx64.efi.signed" "$efi/BOOT/fbx64.efi"
  cp "$shim/BOOTX64.CSV" "$efi/debian/"
  for place in debian BOOT; do
    cp "$shim/mmx64.efi.signed" "$efi/$place/mmx64.efi"
    cp "$signed/grubx64.efi.signed" "$efi/$place/grubx64.efi"
    printf '%s\n' "$find_grub" "configfile \$prefix/grub.cfg" > "$efi/$place/grub.cfg"
  done
  mkfs.vfat --offset $((esp_start / 512)) -i 7B1D4C0E -F 16 "$new" $((esp_size / 1024)) > "$work/log" 2>&1
  mcopy -s -i "$new@@$esp_start" "$efi" ::/
}

"lay_out_${layout/-/_}"
cp --archive "$root/." "$top"
mkdir -p "$top/boot/efi"
printf '%s\nPARTUUID=%s /boot/efi vfat defaults 0 0\n' "$fstab" "$esp_uuid" > "$top/etc/fstab"
bash update-grub.sh "$top" > "$work/log" 2>&1 <<< "$devices" || { cat "$work/log" >&2; exit 1; }
path=$(bash in-root.sh "$top" grub-mkrelpath /boot/grub)
find_grub="search.fs_uuid $loader_uuid root
set prefix=(\$root)'$path'"
install_bios_grub
install_uefi_grub
umount --recursive "$top"

mv "$new" "$image"
mv "$volumes" "$folder/$name.volumes"
echo "$wanted" > "$stamp"
echo "$image" >&3
