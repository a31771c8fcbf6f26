#!/bin/sh
# Installs the Debian packages named as arguments where they are missing.
set -eu
missing=""
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "install ok installed" ||
        missing="$missing $package"
done
[ -z "$missing" ] && exit 0
sudo=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "缺少 Debian 软件包 / missing Debian packages:$missing" >&2
        echo "请以 root 运行 / as root, run: apt-get install$missing" >&2
        exit 1
    }
    sudo="sudo"
fi
echo "正在安装 / installing:$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086  # the names are words
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
