#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The promise: no client address and no client port anywhere. Clients with addresses and ports that occur nowhere
# else try to reach X in every way there is, blocked and not; then they are looked for in everything that we
# hold, write, show and leave: BPF maps, memory, log, metrics, socket, screens, files, core.
. "$(dirname "$0")/lib.sh"
unset TMUX

v4=100.72.7.42 v4b=100.72.213.19
v6=2001:db8:72::be:a7 v6nat=2001:db8:72::c0:4f
# the edge's own address is in its routes and names no client; its port is looked for
ports=(41999 47113 52719 33871 38923 61021 61022 61023 61024 61025 61031 61032 61033 61034 61035)
round=0
# a host below a rule: that the rule was matched is kept, the name is not
host=nobody-must-know-7c1e
canaries=("$v4" "$v4b" "$v6" "$v6nat" "name:$host")
canary_ports=("${ports[@]/#/port:}")

term() { tmux -L "xr-$XR_LAB" -f /dev/null "$@"; }
cleanup() { term kill-server 2>/dev/null; }
scan() { "$root/build/lab/scan" "$@" >"$tmp/found"; }
clean() {	# claim, what to scan...
	local claim=$1 status
	shift
	scan "$@" "${canaries[@]}" "${canary_ports[@]}"
	status=$?
	if [ $status = 0 ]; then
		ok "$claim ($(sed -n 's/^# \([0-9]* bytes\) looked at.*/\1/p' "$tmp/found"))"
	else
		not_ok "$claim" "status $status: $(grep -v '^#' "$tmp/found" | head -n 5)"
	fi
}
finds() {
	: >"$tmp/found"
	scan "$@"
	[ $? = 1 ] && grep -q '^[^#]' "$tmp/found"
}

from() {	# address, port, more curl options
	LAB_CURL_WAIT=3 "$lab" curl "x.com${3:-}" -o /dev/null --interface "$1" --local-port "$2" "${@:4}" >/dev/null 2>&1
}
load_from() {	# address, port, mode
	local which=-c
	case $1 in *:*) which=-C ;; esac
	client "$root/build/lab/load" -m "$3" -x $which "$1" -P "$2" -r 1 -d 1 -w 2500 "$4" >/dev/null ||
		not_ok "planted: $3 from $1" "load refuses"
}
every_way() {
	local jobs=''
	round=$((round + 1)) # for QUIC the same ports would be the same flow
	from $v4 47113 '' -4 & jobs="$jobs $!"
	from $v6 52719 '' -6 & jobs="$jobs $!"
	load_from $v4b 6102$round quic 104.244.42.65 & jobs="$jobs $!"
	load_from $v6 6103$round quic 2606:1f80:f000::65 & jobs="$jobs $!"
	from $v4 41999 '' -4 -k --resolve "$host.x.com:443:104.244.42.1" "https://$host.x.com/" & jobs="$jobs $!"
	from $v6nat 33871 '' -6 --resolve "x.com:443:[64:ff9b::104.244.42.1]" & jobs="$jobs $!"
	LAB_FROM=edge LAB_CURL_WAIT=3 "$lab" curl x.com -4 -o /dev/null --local-port 38923 >/dev/null 2>&1 & jobs="$jobs $!"
	# shellcheck disable=SC2086
	await $jobs
}

begin
"$lab" exec net ip -6 route add local 64:ff9b::/96 dev lo
# where a core would go, if there were one
mkdir "$tmp/core" && cd "$tmp/core" || die "no directory"
ulimit -c unlimited
interfaces=(-i lan0 -i wan0)
start_daemon --wait-syn 6s --wait-payload 5s --wait-post-ack 4s --wait-frozen 6s \
	--site lahore=100.72.0.0/17 --site six=2001:db8::/40 >"$tmp/why" || die "$(cat "$tmp/why")"

term new-session -d -s top -x 200 -y 60 \
	"exec nsenter --net=/run/netns/xr-edge-$XR_LAB -- '$xreach' top --socket '$sock' 2>'$tmp/top.err'"
for mode in off addr-drop addr-icmp sni-rst; do
	"$lab" mode $mode || die "mode $mode"
	every_way
	wait_until 5 has_event '.group == "x"'
	sleep 5 # the same ports again: what was there must have ended
done
"$lab" mode off && "$lab" edge-drop on
every_way
"$lab" edge-drop off && "$lab" mode addr-drop
sleep 7

# what was planted was seen, so there was something to find
seen_as() { jq -e -n --arg f "$1" --arg t "$2" --arg o "$3" \
	'[inputs | select(.group == "x" and .family == $f and .transport == $t and .outcome == $o)] | length > 0' "$log"; }
for kind in "ipv4 tcp ok" "ipv6 tcp ok" "ipv4 tcp timeout" "ipv4 quic timeout" "ipv6 quic prohibited" "ipv4 tcp prohibited" "ipv6 tcp reset"; do
	# shellcheck disable=SC2086
	wait_until 10 seen_as $kind
	check "planted: $kind was seen" equal $? 0
done
check "planted: NAT64 was seen" jq -e -n '[inputs | select(.server == "64:ff9b::68f4:2a01")] | length > 0' "$log"
check "planted: its site was counted" at_least "$(metric xreach_site_flows_total site=lahore)" 1
check "planted: this host's own sockets were seen" at_least "$(ledger asked)" 5

check "planted: a name was matched" jq -e -n '[inputs | select(.sni == "match" and .rule == "x.com")] | length > 0' "$log"
sleep 11 # first payloads stay in the ring for ten seconds at most

# some are open while we look
from $v4 47113 '' -4 & one=$!
from $v6 52719 '' -6 & two=$!
"$lab" mode off
(LAB_CURL_WAIT=20 "$lab" curl "x.com/bytes/3000000" -4 -o /dev/null --interface $v4b --local-port 52719 --limit-rate 100k) >/dev/null 2>&1 & three=$!
sleep 1.5
check "some attempts are open while we look" at_least "$(ledger open)" 1

# the scanner sees what is there
check "the scanner finds the servers in the maps" finds -b "$daemon" 104.244.42.1
check "the scanner finds the servers in the daemon's memory" finds -m "$daemon" 104.244.42.1
minute_kept() { [ "$(metric xreach_history_steps_total)" -gt "$kept" ]; }
kept=$(metric xreach_history_steps_total)
wait_until 70 minute_kept # so that the history has something that could name a client
check "the history has what was planted" at_least "$("$xreach" report -c /dev/null --state-dir "$tmp/state" --since 1h --json |
	jq '[.kinds[] | select(.group == "x") | .flows] | add')" 10
check "the scanner finds the servers in the log" finds -f "$log" 104.244.42.1

clean "no map holds a client" -b "$daemon"
maps=$(grep -c '^# map' "$tmp/found")
check "... of all maps that the daemon holds: $maps" at_least "$maps" 10
clean "the daemon's memory holds no client" -m "$daemon"
await $one $two

web /metrics >"$tmp/metrics"
web /metrics -H 'Accept: application/openmetrics-text' >"$tmp/openmetrics"
web / >"$tmp/landing"
clean "no page names a client" -f "$tmp/metrics" -f "$tmp/openmetrics" -f "$tmp/landing"
timeout 4 "${in_edge[@]}" "$xreach" top --socket "$sock" --json >"$tmp/stream" 2>/dev/null
status_json >"$tmp/status.json"
edge "$xreach" status --socket "$sock" >"$tmp/status"
check "the control socket was read: $(wc -c <"$tmp/stream") bytes" at_least "$(wc -c <"$tmp/stream")" 1000
clean "the control socket names no client" -f "$tmp/stream" -f "$tmp/status.json" -f "$tmp/status"
files=''
for tab in 1 2 3 4 5 6 7 8; do
	term send-keys -t top $tab
	sleep 0.6
	term capture-pane -p -t top >"$tmp/screen.$tab"
	files="$files -f $tmp/screen.$tab"
done
term send-keys -t top '?'
check "the screens were seen" grep -q 'post_syn\|post_psh' "$tmp/screen.1"
# shellcheck disable=SC2086
clean "no screen shows a client" $files
clean "the live view's memory holds no client" -m "$(term display -p -t top '#{pane_pid}')"
clean "the log names no client" -f "$log"
clean "standard error names no client" -f "$err" -f "$tmp/top.err" -f "$tmp/daemon.out"
# maps and memory are looked at above; here whatever else lies on a disk
files=''
for file in /proc/"$daemon"/fd/*; do
	case $(readlink "$file") in
	/dev/* | *' (deleted)') ;;
	/*) [ -d "$file" ] || files="$files -f $file" ;; # its own directory it holds locked: what is in it comes below
	esac
done
# the log, the evidence file, and the history's three
check "the daemon's open files are known" equal "$(readlink /proc/"$daemon"/fd/* | sort -u |
	grep -cE "^($log|$tmp/state/(evidence\.jsonl|history\.db(-wal|-shm)?))\$")" 5
for file in /run/xreach/* "$tmp"/state/*; do
	[ -f "$file" ] && files="$files -f $file"
done
# shellcheck disable=SC2086
clean "no file that the daemon has open, or keeps in /run or in its state_dir, names a client" $files
await $three

# ---- no core ----
plain() { sleep 60 & }
plain; pid=$!
sleep 0.5
kill -ABRT $pid
{ wait $pid; } 2>"$tmp/abort"
rm -f "$tmp/core"/*
if grep -q 'core dumped' "$tmp/abort"; then
	kill -ABRT "$daemon"
	{ wait "$daemon"; } 2>"$tmp/abort"
	daemon=''
	check "SIGABRT: the daemon leaves no core" equal "$(grep -c 'core dumped' "$tmp/abort")" 0
else
	check "a process here may leave a core, but for the daemon: its limit is 0" equal \
		"$(awk '/Max core file size/ { print $5, $6 }' "/proc/$daemon/limits")" "0 0"
	kill -ABRT "$daemon"
	{ wait "$daemon"; } 2>"$tmp/abort"
	daemon=''
fi
check "no file lies where the daemon ran" equal "$(find "$tmp/core" -type f)" ""
cd / || exit 1

# ---- and the test can fail ----
for canary in "${canaries[@]}" 47113; do
	cp "$log" "$tmp/planted"
	echo "{\"group\":\"x\",\"client\":\"$canary\"}" >>"$tmp/planted"
	check "self-check: $canary planted in the log is found" finds -f "$tmp/planted" "${canaries[@]}" "${canary_ports[@]}"
done
