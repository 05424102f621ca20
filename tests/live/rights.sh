#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# A right or a part of the kernel that is missing: one line says what, and what to do; what can still work, works.
. "$(dirname "$0")/lib.sh"

nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
without() { echo "setpriv --bounding-set=-$1,-sys_admin"; }
run=("$xreach" run -i lan0 --ranges "$ranges" --socket "$sock" --listen "$at" --state-dir "$tmp/state")

# Ends at once with status 1 and exactly one line, which says what to do.
refused() {	# claim, what the line must say, command...
	local claim=$1 what=$2 status lines
	shift 2
	timeout 10 "${in_edge[@]}" "$@" >"$tmp/out" 2>&1 </dev/null
	status=$?
	lines=$(wc -l <"$tmp/out")
	if [ "$status" = 1 ] && [ "$lines" = 1 ] && grep -qE -- "$what" "$tmp/out"; then
		ok "$claim: $(cat "$tmp/out")"
	else
		not_ok "$claim" "status $status, $lines lines: $(head -n 3 "$tmp/out")"
	fi
}
hook() { status_json | jq -r --arg n "$1" '.hooks[] | select(.name == $n) | "\(.attached) \(.note)"' | sort -u; }
seen() {
	local was
	was=$(ledger opened)
	LAB_CURL_WAIT=5 "$lab" curl x.com -4 -o /dev/null
	sleep 1.3
	[ "$(ledger opened)" -gt "$was" ]
}
# The daemon in a mount namespace of its own, in which something is hidden.
start_hiding() {	# shell words that hide it
	"${in_edge[@]}" unshare -m sh -c "$1 && exec \"\$@\"" sh "${run[@]}" --event-log "$log" 2>"$err" >/dev/null </dev/null &
	daemon=$!
	wait_until 20 ready_or_gone
	ready || die "no daemon: $(cat "$err")"
}

begin
chmod 711 "$tmp"
# what nobody must be able to read, wherever the working tree lies
cp "$xreach" "$tmp/xreach" && cp "$ranges" "$tmp/x.ranges" && chmod 755 "$tmp/xreach" && chmod 644 "$tmp/x.ranges"
xreach=$tmp/xreach ranges=$tmp/x.ranges
run[0]=$xreach run[5]=$ranges

# ---- rights ----
refused "run, not root" 'run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON' "${nobody[@]}" "${run[@]}"
refused "top without a daemon, not root" 'needs root' "${nobody[@]}" "$xreach" top --once -i lan0 --ranges "$ranges" --socket "$sock"
refused "detach, not root" 'run it as root' "${nobody[@]}" "$xreach" detach
# shellcheck disable=SC2046
refused "run without CAP_BPF" 'CAP_BPF' $(without bpf) "${run[@]}"
# shellcheck disable=SC2046
refused "run without CAP_NET_ADMIN" 'CAP_NET_ADMIN' $(without net_admin) "${run[@]}"
# shellcheck disable=SC2046
refused "run without CAP_PERFMON" 'CAP_PERFMON' $(without perfmon) "${run[@]}"
check "nothing was left by those that were refused" equal "$(ls "$sock" 2>/dev/null)" ""
check "ranges check works for anybody" edge "${nobody[@]}" "$xreach" ranges check "$ranges"
edge "${nobody[@]}" "$xreach" run --check-config >"$tmp/out" 2>&1
check "--check-config works for anybody" equal $? 0
edge "${nobody[@]}" "$xreach" status --socket "$sock" >"$tmp/out" 2>&1
status=$?
check "status says that nothing runs: $(cat "$tmp/out")" equal "$status $(wc -l <"$tmp/out")" "4 1"

mkdir "$tmp/nobody" && chown 65534:65534 "$tmp/nobody"
sock=$tmp/nobody/xreach.sock log=$tmp/nobody/events.json run[7]=$sock
caps=+bpf,+net_admin,+perfmon
"${in_edge[@]}" "${nobody[@]}" --inh-caps $caps --ambient-caps $caps "${run[@]}" --event-log "$log" 2>"$err" >/dev/null </dev/null &
daemon=$!
wait_until 20 ready_or_gone
check "the three capabilities are enough, without root" ready
check "... all hooks are attached" equal "$(status_json | jq -c '[.hooks[] | select(.attached | not) | .name]')" "[]"
check "... an attempt is seen" seen
check "... and no capability more is held" equal "$(sed -n 's/^CapEff:[[:space:]]*0*//p' "/proc/$daemon/status")" "c000001000"
stop_daemon
check "... SIGTERM leaves nothing" equal "$? $(ls "$sock" 2>/dev/null)" "0 "

sock=$tmp/xreach.sock run[7]=$sock log=$tmp/events.json
start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
check "as root it gives up all but those three" equal "$(sed -n 's/^CapEff:[[:space:]]*0*//p' "/proc/$daemon/status")" "c000001000"
check "... and can gain no new ones" equal "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' "/proc/$daemon/status")" 1
check "... and refuses system calls that it does not need" equal "$(sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$daemon/status")" 2
stop_daemon

# ---- parts of the kernel ----
start_hiding 'umount -R /sys/fs/cgroup'
check "no cgroup v2: the socket hooks say so" equal "$(hook connect4)" "false no cgroup v2 is mounted here"
check "no cgroup v2: one line on standard error" equal "$(grep -c 'cgroup v2' "$err")" 1
check "no cgroup v2: attempts are still seen" seen
check "no cgroup v2: drop reasons are still there" equal "$(hook kfree_skb)" "true "
edge "$xreach" status --socket "$sock" >"$tmp/out" 2>&1
check "no cgroup v2: status tells scripts" equal "$?" 3
stop_daemon

start_hiding 'mount -t tmpfs none /sys/kernel/btf'
check "no BTF: the drop hook says so" grep -q 'false no kernel BTF' <(hook kfree_skb)
check "no BTF: one line on standard error" equal "$(grep -c BTF "$err")" 1
check "no BTF: attempts are still seen" seen
check "no BTF: socket hooks are still there" equal "$(hook sockops)" "true "
stop_daemon

start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
refused "a second daemon on the same socket" 'answers|in use|running' "${run[@]}" --listen 127.0.0.1:10478
refused "a second daemon on the same port" '10477|in use' "${run[@]}" --socket "$tmp/second.sock"
check "... and the first one sees on" seen
