#!/bin/sh
# 升级或回退网关，数据一起 / upgrades the gateway, or goes back, with its data.
#
#   upgrade.sh install WHEEL     装新版本、切换、等待就绪；不就绪则切回 / install, switch, wait, else switch back
#   upgrade.sh back              切回上一个版本，数据库一起回退 / the version before, and its database
#
# 布局 / layout: /opt/xunhe/releases/VERSION（虚拟环境 virtual environment）, current → releases/VERSION,
# previous → 上一个 the one before. Every version keeps its own environment: going back fetches nothing.
set -eu

ROOT=${XUNHE_ROOT:-/opt/xunhe}
CONFIG=${XUNHE_CONFIG:-/etc/xunhe/xunhe.toml}
READY_URL=${XUNHE_READY_URL:-http://127.0.0.1:8080/health/ready}
READY_S=${XUNHE_READY_S:-60}
PYTHON=${PYTHON:-python3}
DATA=${XUNHE_DATA:-/var/lib/xunhe}

say() { printf '%s\n' "$*" >&2; }

fail() {
	say "错误 / error: $*"
	exit 1
}

# Points a link at a release in one step: there is always one or the other.
point() {
	ln -sfn "$2" "$ROOT/.$1.new"
	mv -T "$ROOT/.$1.new" "$ROOT/$1"
}

is_ready() {
	waited=0
	while [ "$waited" -lt "$READY_S" ]; do
		if curl -fsSk -o /dev/null --max-time 2 "$READY_URL" 2>/dev/null; then return 0; fi
		sleep 1
		waited=$((waited + 1))
	done
	return 1
}

# The form of the tables that a version knows.
revision_of() {
	"$1/bin/python" -c 'import pathlib, xunhe.adapters.store as store
forms = pathlib.Path(store.__file__).parent.glob("migrations/versions/v[0-9]*.py")
print(max(form.name[1:5] for form in forms))'
}

# As the gateway's user, in its working folder: files it makes are its own.
as_gateway() {
	if [ "$(id -u)" -eq 0 ] && id xunhe >/dev/null 2>&1; then
		(cd "$DATA" && runuser -u xunhe -- "$@")
	else
		(cd "$DATA" && "$@")
	fi
}

install() {
	wheel=$1
	[ -f "$wheel" ] || fail "没有文件 $wheel / no such file"
	version=$(basename "$wheel" | cut -d- -f2)
	target=$ROOT/releases/$version
	[ ! -e "$target/.installed" ] || fail "$version 已安装 / is installed already: $target"
	say "安装 / installing $version"
	rm -rf "$target" # of an installation that was cut off
	"$PYTHON" -m venv "$target"
	"$target/bin/pip" install --quiet "$wheel" || fail "安装失败 / not installed"
	"$target/bin/xunhe" doctor --help >/dev/null || fail "新版本不能运行 / the new version does not run"
	touch "$target/.installed"
	[ ! -e "$ROOT/current" ] || point previous "$(readlink "$ROOT/current")"
	systemctl stop xunhe
	point current "$target"
	systemctl start xunhe || true
	if is_ready; then
		say "已升级 / upgraded: $version"
		return
	fi
	say "${READY_S} 秒内未就绪，切回 / not ready within ${READY_S} s: going back"
	[ -e "$ROOT/previous" ] || fail "没有上一个版本 / there is no version before"
	back
	fail "未升级，见 / not upgraded, see: journalctl -u xunhe"
}

back() {
	[ -e "$ROOT/previous" ] || fail "没有上一个版本 / there is no version before"
	old=$(readlink "$ROOT/previous") new=$(readlink "$ROOT/current")
	systemctl stop xunhe || true
	# The newer version knows both forms of the tables.
	as_gateway "$new/bin/xunhe" rollback --config "$CONFIG" --revision "$(revision_of "$old")" --write
	point current "$old"
	point previous "$new"
	systemctl start xunhe || true
	is_ready || fail "旧版本未就绪，见 / the old version is not ready, see: journalctl -u xunhe"
	say "已切回 / went back to: $(basename "$old")"
}

case "${1:-}" in
install) [ $# -eq 2 ] || fail "upgrade.sh install WHEEL"; install "$2" ;;
back) back ;;
*) fail "upgrade.sh install WHEEL | back" ;;
esac
