# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the live tests share: a lab and a daemon for each script, claims, bounded waiting, figures. To be sourced.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
subject=$(basename "$0" .sh)
xreach=${XREACH:-$root/build/xreach}
lab=$root/tests/lab/lab
ranges=${XR_RANGES:-$root/user/share/ranges/x.ranges}
# The pid keeps apart several people's runs on one machine; what a killed run left is found by it.
export XR_LAB=live-$subject-$$
tmp=/tmp/xreach-$XR_LAB
sock=$tmp/xreach.sock
log=$tmp/events.json
err=$tmp/daemon.err
at=127.0.0.1:10477
daemon='' # pid
pids=''	  # of everything else in the background
n_failed=0

# ---- claims ---------------------------------------------------------------------------------------------
ok() { echo "ok $1"; }
not_ok() {
	n_failed=$((n_failed + 1))
	echo "not ok $1: ${2:-}" | tr '\n' ' '
	echo
}
skip() { echo "skip $1: $2"; }
check() {	# claim, command...: the command's output is the reason if it fails
	local claim=$1 why
	shift
	if why=$("$@" 2>&1); then ok "$claim"; else not_ok "$claim" "${why:-$* says no}"; fi
}
equal() { [ "$1" = "$2" ] || { echo "'$1' instead of '$2'"; return 1; }; }
at_least() { [ "$1" -ge "$2" ] || { echo "$1, at least $2 expected"; return 1; }; }
die() {
	not_ok "$subject could be prepared" "$*"
	exit 1
}

# ---- leaving ----------------------------------------------------------------------------------------------
cleanup() { :; } # a script's own
leave() {
	local status=$? pid
	[ "$BASHPID" = $$ ] || exit "$status" # a child that was killed before it became its program
	trap '' INT TERM HUP
	cleanup
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	stop_daemon
	"$lab" down
	rm -rf "$tmp"
	[ "$n_failed" = 0 ] || status=1
	exit "$status"
}

# A run that was killed could not clean up: its lab bears its pid.
sweep_dead() {
	local dir name
	for dir in /run/xr-lab-live-*; do
		name=${dir#/run/xr-lab-}
		case $name in *[0-9]) ;; *) continue ;; esac
		kill -0 "${name##*-}" 2>/dev/null || { XR_LAB=$name "$lab" down; rm -rf "/tmp/xreach-$name"; }
	done
}

begin() {	# with the lab
	[ "$(id -u)" = 0 ] || { skip "$subject" "needs root, for network namespaces and eBPF"; exit 0; }
	[ -x "$xreach" ] || die "no $xreach; run make first"
	mkdir -m 700 "$tmp" || exit 1
	trap leave EXIT
	trap 'exit 130' INT TERM HUP
	sweep_dead
	[ "${1:-}" = no-lab ] || "$lab" up || die "no lab"
}

# ---- waiting, background -----------------------------------------------------------------------------------
now_ms() { echo $(($(date +%s%N) / 1000000)); }
wait_until() {	# seconds, command...: until it succeeds
	local end=$(($(now_ms) + $1 * 1000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		sleep 0.2
	done
}
gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }
background() {	# a program, no function: the pid must be the program's own
	"$@" >/dev/null 2>&1 &
	pids="$pids $!"
	last=$!
}
await() { while [ $# -gt 0 ]; do wait "$1"; shift; done; }

# ---- the daemon ----------------------------------------------------------------------------------------------
in_client=(nsenter "--net=/run/netns/xr-client-$XR_LAB" --)
in_edge=(nsenter "--net=/run/netns/xr-edge-$XR_LAB" --)
client() { "${in_client[@]}" "$@"; }
edge() { "${in_edge[@]}" "$@"; }
web() { edge curl -s -m 5 --noproxy '*' "http://$at$1" "${@:2}"; }
ready_or_gone() { ready || gone "$daemon"; }
ready() { [ "$(web /-/ready -o /dev/null -w '%{http_code}')" = 200 ]; }

interfaces=(-i lan0)
start_daemon() {	# options of run
	: >>"$err"
	"${in_edge[@]}" "$xreach" run "${interfaces[@]}" --ranges "$ranges" --socket "$sock" --event-log "$log" --state-dir "$tmp/state" --listen "$at" "$@" \
		2>>"$err" >>"$tmp/daemon.out" </dev/null &
	daemon=$!
	wait_until 20 ready_or_gone
	ready && return
	gone "$daemon" && echo "the daemon ended: $(tail -n 3 "$err")" || echo "the daemon does not get ready"
	return 1
}
stop_daemon() {
	[ -n "$daemon" ] || return 0
	local pid=$daemon status
	daemon=''
	kill "$pid" 2>/dev/null
	wait_until 10 gone "$pid" || kill -9 "$pid"
	wait "$pid" 2>/dev/null
	status=$?
	return "$status"
}

# ---- figures ---------------------------------------------------------------------------------------------------
# Sum over the rows of a metric that bear all the labels given: `metric xreach_flows_total group=x outcome=ok`.
metric() {
	web /metrics | sum_metric "$@"
}
sum_metric() {
	awk -v name="$1" -v want="${*:2}" '
		BEGIN { n = split(want, w, " "); for (i = 1; i <= n; i++) { sub(/=/, "=\"", w[i]); w[i] = w[i] "\"" } }
		/^#/ { next }
		{
			brace = index($0, "{")
			end = match($0, /} [^ ]*( |$)/) ? RSTART : 0
			head = brace ? substr($0, 1, brace - 1) : $1
			if (head != name) next
			labels = brace ? "," substr($0, brace + 1, end - brace - 1) "," : ","
			for (i = 1; i <= n; i++) if (!index(labels, "," w[i] ",")) next
			value = brace ? substr($0, end + 2) : $2
			split(value, v, " "); sum += v[1]; rows++
		}
		END { if (!rows) exit 1; printf "%.15g\n", sum }'
}
status_json() { edge "$xreach" status --socket "$sock" --json; }
top_once() { edge "$xreach" top --socket "$sock" --once "$@"; }
# Value of a row of the ledger, in what the socket says.
ledger() { status_json | jq -r --arg n "$1" '.ledger[] | select(.name == $n) | .value'; }
books_balance() {
	status_json | jq -e '
		([.ledger[] | {(.name): .value}] | add) as $l |
		([$l | to_entries[] | select(.key | startswith("lost/")) | .value] | add) as $lost |
		if .books_balance and $l.opened == $l.open + $l.judged + $l.forgotten + $lost then true
		else "opened \($l.opened) open \($l.open) judged \($l.judged) forgotten \($l.forgotten) lost \($lost)" |
			halt_error(1) end' >/dev/null
}
# Events so far that fit a jq condition.
events() { jq -c "select($1)" "$log" 2>/dev/null | wc -l; }
has_event() { [ "$(events "$1")" -ge "${2:-1}" ]; }

# ---- verdicts --------------------------------------------------------------------------------------------------
flows_metric=xreach_flows_total
flow_labels() { echo "group=$1 family=$2 transport=$3 stage=$4 outcome=$5 signature=$6"; }

# From here on: what comes later is told apart from what was there.
mark() {
	mark_log=$(wc -l <"$log" 2>/dev/null || echo 0)
	mark_id=$(status_json | jq '[.flows[].id] | max // -1')
	web /metrics >"$tmp/marked"
}
logged() {	# group family transport stage outcome signature [more jq]
	tail -n +$((mark_log + 1)) "$log" | jq -e --arg g "$1" --arg f "$2" --arg t "$3" --arg s "$4" --arg o "$5" \
		--arg i "$6" -n "[inputs | select(.group == \$g and .family == \$f and .transport == \$t and
		.stage == \$s and .outcome == \$o and .signature == \$i and (${7:-true}))] | length > 0"
}
counted() {
	local was is
	# shellcheck disable=SC2046
	was=$(sum_metric $flows_metric $(flow_labels "$@") <"$tmp/marked")
	# shellcheck disable=SC2046
	is=$(metric $flows_metric $(flow_labels "$@"))
	[ "${is:-0}" -gt "${was:-0}" ]
}
listed() {
	status_json | jq -e --arg g "$1" --arg f "$2" --arg t "$3" --arg s "$4" --arg o "$5" --arg i "$6" \
		--argjson id "$mark_id" "any(.flows[]; .id > \$id and .group == \$g and .family == \$f and
		.transport == \$t and .stage == \$s and .outcome == \$o and .signature == \$i and (${7:-true}))"
}
on_screen() {	# one line with all of it
	COLUMNS=200 LINES=60 top_once | grep -F -- "$6" | grep -F "$4" | grep -F "$5" | grep -qF "$3"
}
# Named rightly in all four places, each within 5 s of the waiting time after the traffic has ended.
named() {	# title, seconds, group family transport stage outcome signature
	local title=$1 end=$(($(now_ms) + ($2 + 5) * 1000)) missing='' place
	shift 2
	for place in listed on_screen logged counted; do
		until "$place" "$@" >/dev/null 2>&1; do
			if [ "$(now_ms)" -ge "$end" ]; then
				missing="$missing $place"
				break
			fi
			sleep 0.3
		done
	done
	if [ -z "$missing" ]; then
		ok "$title: $2 $3 is $4 $5 $6 on the screen, in the log and in the metrics"
	else
		not_ok "$title: $2 $3 is $4 $5 $6" "not$missing; there are: $(tail -n +$((mark_log + 1)) "$log" |
			jq -r '[.group, .family, .transport, .stage, .outcome, .signature] | join(" ")' | sort | uniq -c | xargs)"
	fi
}
# Nothing else was found of a group since the mark: `only x outcome...`.
only() {
	local group=$1 found
	shift
	found=$(tail -n +$((mark_log + 1)) "$log" | jq -r --arg g "$group" 'select(.group == $g) | .outcome' | sort -u)
	found=$(for outcome in $found; do case " $* " in *" $outcome "*) ;; *) echo "$outcome";; esac; done)
	[ -z "$found" ] || { echo "also: $found"; return 1; }
}
group_figures() {	# group: succeeded, failed, neither
	status_json | jq -r --arg g "$1" '.groups[] | select(.name == $g) | "\(.succeeded) \(.failed) \(.neither)"'
}
status_has_hook() {	# name [interface]
	status_json | jq -e --arg n "$1" --arg w "${2:-}" \
		'any(.hooks[]; .name == $n and .attached and ($w == "" or .where == $w))' >/dev/null ||
		{ status_json | jq -c ".hooks[] | select(.name == \"$1\")"; return 1; }
}
# BPF links that the daemon holds, by a word of their type (tcx, cgroup, tracing).
held() { cat "/proc/$daemon/fdinfo"/* 2>/dev/null | grep -c "^link_type:.*$1"; }
lost() { status_json | jq '[.ledger[] | select(.name | startswith("lost/")) | .value] | add'; }
# Notes about clsact filters that this edge's namespace has, and whose process is no more.
notes() {
	local note inode
	inode=$(stat -Lc %i "/run/netns/xr-edge-$XR_LAB")
	for note in /run/xreach/clsact.*; do
		grep -qx "netns $inode" "$note" 2>/dev/null || continue
		kill -0 "${note##*.}" 2>/dev/null || echo "$note"
	done
}
