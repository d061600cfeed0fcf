#!/usr/bin/env bash
# Brings the real programs that test/oracles compares our parsers with, and links them as .cache/oracles.
#
# Nothing is installed: waagent or cloud-init on a developer's machine would take it over at the next boot. An ordinary
# user downloads Debian packages with all that they depend on and unpacks them into the cache folder, without running
# any of their scripts. Needs apt (Debian, Ubuntu). They are fetched again when this script has changed.
#
# Debian 12 has some of them too old (udevadm verify came with systemd 254, cloud-init's schema grew from release to
# release): there a second root, .cache/oracles-newer, holds the same programs of Debian 13.
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
newer_release=trixie
newer_packages=(udev cloud-init)

cache=$(bash scripts/cache-folder.sh)
root=$cache/oracles
newer_root=$cache/oracles-newer
wanted=$(sha256sum <scripts/fetch-oracles.sh | cut -d' ' -f1)
link_them() {
  mkdir -p .cache
  rm -rf --one-file-system .cache/oracles .cache/oracles-newer .cache/debian-root
  ln -s "$root" .cache/oracles
  ln -s "$newer_root" .cache/oracles-newer
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

# Sets own_apt: an apt of its own, in a folder, that believes nothing is installed yet, so that it fetches every
# dependency. Further arguments are options of apt.
prepare_apt() {
  local folder=$1
  shift
  mkdir -p "$folder"/{state/lists/partial,cache/archives/partial,root}
  touch "$folder/status"
  own_apt=(
    apt-get --quiet=2 --yes --no-install-recommends
    -o Dir::State="$folder/state" -o Dir::State::status="$folder/status" -o Dir::Cache="$folder/cache"
    -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=true "$@"
  )
}

# Unpacks all that own_apt has fetched into the folder's root.
unpack_into() {
  local tree=$1/root folder package
  # Packages still carry /bin and /lib beside /usr/bin and /usr/lib; an installed system has them as links.
  for folder in bin sbin lib lib64; do
    mkdir -p "$tree/usr/$folder"
    ln -s "usr/$folder" "$tree/$folder"
  done
  # dpkg's record of them, as if they were installed: a database with real content.
  mkdir -p "$tree/var/lib/dpkg/info"
  echo 1 >"$tree/var/lib/dpkg/info/format"
  for package in "$1"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar --extract --directory "$tree" --keep-directory-symlink --no-same-owner ||
      return
    { dpkg-deb --field "$package" && printf 'Status: install ok installed\n\n'; } >>"$tree/var/lib/dpkg/status" ||
      return
  done
  # Root's mktemp keeps others out; the programs also run as nobody.
  chmod 0755 "$tree"
}

prepare_apt "$work/own"
"${own_apt[@]}" update >&2
"${own_apt[@]}" --download-only install "${packages[@]}" >&2
unpack_into "$work/own"

# From the mirror that Debian 12 comes from. One that has no Debian 13 costs only the tests that ask for the newer
# programs: they say by name that they are skipped.
fetch_newer() {
  local mirror
  # shellcheck disable=SC2016 # apt fills it in
  mirror=$("${own_apt[@]}" indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Component: main' 'Created-By: Packages')
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "${mirror%%$'\n'*}" "$newer_release" /usr/share/keyrings/debian-archive-keyring.gpg >"$work/newer.sources"
  prepare_apt "$work/newer" -o Dir::Etc::sourcelist="$work/newer.sources" -o Dir::Etc::sourceparts=-
  "${own_apt[@]}" --error-on=any update >&2 &&
    "${own_apt[@]}" --download-only install "${newer_packages[@]}" >&2 &&
    unpack_into "$work/newer"
}
rm -rf --one-file-system "$root" "$newer_root"
if grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release; then
  if fetch_newer; then
    mv "$work/newer/root" "$newer_root"
  else
    echo "fetch-oracles: the mirror gives no ${newer_packages[*]} of Debian's $newer_release" >&2
  fi
fi
mv "$work/own/root" "$root"
echo "$wanted" >"$root.stamp"
link_them
