#!/usr/bin/env bash
# Brings the real programs that test/oracles compares our parsers with into .cache/oracles.
#
# Nothing is installed: waagent or cloud-init on a developer's machine would take it over at the next boot. Where
# test/real/build-debian-root.sh has built its Debian root, that root is used; elsewhere the packages are downloaded
# and unpacked by an ordinary user, without running any of their scripts. That needs apt (Debian, Ubuntu).
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(waagent cloud-init openssh-server sudo systemd passwd grub-common)
target=.cache/oracles
built=$(bash scripts/cache-folder.sh)/debian-root

mkdir -p .cache
if [ -d "$built" ]; then
  rm -rf --one-file-system "$target"
  ln -s "$built" "$target"
  echo "$target is the Debian root $built"
  exit
fi

if ! command -v apt-get dpkg-deb >/dev/null; then
  echo "fetch-oracles: needs apt-get and dpkg-deb to download: ${packages[*]}" >&2
  exit 1
fi
if ! apt-cache show waagent >/dev/null 2>&1; then
  # Ubuntu has the agent under another name.
  packages[0]=walinuxagent
fi

# An apt of its own that believes nothing is installed yet, so that it fetches every dependency.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists/partial,cache/archives/partial,root}
touch "$work/status"
own_apt=(
  apt-get --quiet --yes --no-install-recommends
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
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar --extract --directory "$work/root" --keep-directory-symlink
done

rm -rf --one-file-system "$target"
mv "$work/root" "$target"
echo "$target holds $(find "$work/cache/archives" -name '*.deb' | wc -l) unpacked packages"
