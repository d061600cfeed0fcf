#!/usr/bin/env bash
# Brings the real programs that test/oracles compares our parsers with, and links them as .cache/oracles.
#
# Nothing is installed: waagent or cloud-init on a developer's machine would take it over at the next boot. An ordinary
# user downloads Debian packages with all that they depend on and unpacks them into the cache folder, without running
# any of their scripts. Needs apt (Debian, Ubuntu). They are fetched again when this script has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  waagent cloud-init                         # the provisioners, and with them Python and PyYAML
  systemd udev util-linux passwd             # units, device rules, fstab, accounts
  openssh-server sudo                        # sshd_config, sudoers
  grub-common kmod cpio initramfs-tools-core # boot configuration, modules, initramfs
  ifupdown netplan.io libglib2.0-0           # network configuration
  chrony                                     # clock
  dpkg rpm                                   # package databases
)

cache=$(bash scripts/cache-folder.sh)
root=$cache/oracles
wanted=$(sha256sum <scripts/fetch-oracles.sh | cut -d' ' -f1)
link_them() {
  mkdir -p .cache
  rm -rf --one-file-system .cache/oracles .cache/debian-root
  ln -s "$root" .cache/oracles
  # What only an installed system has, such as an initramfs, the suites take from the root that
  # test/real/build-debian-root.sh builds, once it is there.
  ln -s "$cache/debian-root" .cache/debian-root
  echo "$root"
}
if [ "$(cat "$root.stamp" 2>/dev/null)" = "$wanted" ] && [ -d "$root" ]; then
  link_them
  exit
fi
for program in apt-get dpkg-deb; do
  if ! command -v "$program" >/dev/null; then
    echo "fetch-oracles: needs $program to get ${packages[*]}" >&2
    exit 1
  fi
done
if grep -qs '^ID=ubuntu$' /etc/os-release; then
  packages[0]=walinuxagent
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/oracles.XXXXXX")
trap 'rm -rf "$work"' EXIT
# An apt of its own that believes nothing is installed yet, so that it fetches every dependency.
mkdir -p "$work"/{state/lists/partial,cache/archives/partial,root}
touch "$work/status"
own_apt=(
  apt-get --quiet=2 --yes --no-install-recommends
  -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
  -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=true
)
"${own_apt[@]}" update >&2
"${own_apt[@]}" --download-only install "${packages[@]}" >&2

# Packages still carry /bin and /lib beside /usr/bin and /usr/lib; an installed system has them as links.
for folder in bin sbin lib lib64; do
  mkdir -p "$work/root/usr/$folder"
  ln -s "usr/$folder" "$work/root/$folder"
done
# dpkg's record of them, as if they were installed: a database with real content.
database=$work/root/var/lib/dpkg
mkdir -p "$database/info"
echo 1 >"$database/info/format"
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar --extract --directory "$work/root" --keep-directory-symlink --no-same-owner
  { dpkg-deb --field "$package" && printf 'Status: install ok installed\n\n'; } >>"$database/status"
done

# Root's mktemp keeps others out; the programs also run as nobody.
chmod 0755 "$work/root"
rm -rf --one-file-system "$root"
mv "$work/root" "$root"
echo "$wanted" >"$root.stamp"
link_them
