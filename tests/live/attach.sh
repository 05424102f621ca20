#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Coming and going: by TCX and by clsact filters, beside programs and qdiscs of others, which run on and stay;
# nothing of ours is left by SIGTERM, and what kill -9 leaves goes by `xreach detach`.
. "$(dirname "$0")/lib.sh"

how() { status_json | jq -r --arg w "${1:-lan0}" '[.hooks[] | select(.where == $w and .attached) | .how] | join(" ")'; }
filters() { edge tc filter show dev "${2:-lan0}" "$1" 2>/dev/null | grep -c "${3:-xreach_}"; }
has_clsact() { edge tc qdisc show dev "${1:-lan0}" | grep -q clsact; }
ours_left() { echo "$(filters ingress) $(filters egress) $(for id in $loaded; do bpftool prog show id "$id" >/dev/null 2>&1 && echo "program $id"; done)"; }
nothing_left() { [ "$(ours_left)" = "0 0 " ]; }
remember() { loaded=$(cat /proc/"$daemon"/fdinfo/* 2>/dev/null | sed -n 's/^prog_id:[[:space:]]*//p' | sort -u); }
detach() { edge "$xreach" detach --config "$tmp/detach.yaml" 2>&1; }
kill9() { kill -9 "$daemon"; wait "$daemon" 2>/dev/null; daemon=''; }

# Somebody else's program: name, interface, direction, where.
foreign() {
	background "${in_edge[@]}" "$root/build/lab/foreign" "$2" "$3" "$4" "$tmp/foreign.$1"
	eval "pid_$1=$last"
	wait_until 5 test -s "$tmp/foreign.$1" || die "no foreign program $1"
}
count_of() { cat "$tmp/foreign.$1"; }
begone() { local name; for name in "$@"; do eval "kill \$pid_$name; wait \$pid_$name" 2>/dev/null; done; }
run_on() {	# names: each of them counts more after traffic than before
	local name before=''
	for name in "$@"; do before="$before $name=$(count_of "$name")"; done
	LAB_CURL_WAIT=5 "$lab" curl x.com -4 -o /dev/null
	sleep 0.4
	for name in "$@"; do
		case $before in *" $name=gone"*) echo "$name was taken off"; return 1 ;; esac
		[ "$(count_of "$name")" -gt "$(echo "$before" | sed "s/.* $name=\([0-9]*\).*/\1/")" ] 2>/dev/null ||
			{ echo "$name: $(count_of "$name"), before:$before"; return 1; }
	done
}
seen() {	# ours sees an attempt
	local was
	was=$(ledger opened)
	LAB_CURL_WAIT=5 "$lab" curl x.com -4 -o /dev/null
	sleep 1.3
	[ "$(ledger opened)" -gt "$was" ]
}

begin
echo "socket: $sock" >"$tmp/detach.yaml"

# ---- TCX ----
start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
remember
check "TCX is used where the kernel has it" equal "$(how) $(held tcx)" "tcx tcx 2"
check "no qdisc is made for TCX" equal "$(has_clsact && echo yes)" ""
check "an attempt is seen" seen
stop_daemon
check "SIGTERM: status 0" equal $? 0
wait_until 5 nothing_left
check "SIGTERM leaves nothing in the kernel" equal "$(ours_left)" "0 0 "

foreign first lan0 ingress after
foreign out lan0 egress before
start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
foreign before lan0 ingress before
foreign after lan0 ingress after
check "TCX programs of others before and after ours run on" run_on first out before after
check "... and ours between them sees" seen
remember
kill9
wait_until 10 nothing_left
check "kill -9: the links went by themselves" equal "$(ours_left)" "0 0 "
check "kill -9: the programs of others run on" run_on first out before after
begone first out before after

# ---- clsact ----
XREACH_TC=clsact start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
remember
check "clsact: filters in both directions" equal "$(how) $(filters ingress) $(filters egress)" "clsact clsact 1 1"
check "clsact: an attempt is seen" seen
check "clsact: detach leaves a living one alone and says so" equal "$(detach >"$tmp/said"; echo $?) $(filters ingress)" "1 1"
sleep 11 # a look at the hooks comes every ten seconds
check "clsact: still in place after the daemon looked after its hooks" equal "$(how) $(filters ingress) $(filters egress)" "clsact clsact 1 1"
stop_daemon
check "clsact: SIGTERM: status 0" equal $? 0
wait_until 5 nothing_left
check "clsact: SIGTERM leaves nothing in the kernel" equal "$(ours_left)" "0 0 "
check "clsact: SIGTERM takes the qdisc that we made" equal "$(has_clsact && echo yes)" ""

foreign early lan0 ingress 1
foreign late lan0 ingress 50000
edge tc qdisc add dev lan0 root tbf rate 1gbit burst 1mb latency 50ms
edge tc filter add dev lan0 egress protocol all prio 9 u32 match u32 0 0 flowid 1:1
XREACH_TC=clsact start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
remember
check "clsact: filters of others before and after ours run on" run_on early late
check "clsact: ... and ours between them sees" seen
stop_daemon
wait_until 5 nothing_left
check "clsact: SIGTERM leaves nothing of ours" equal "$(ours_left)" "0 0 "
check "clsact: ... and all of others: filters, their qdisc, the root qdisc" equal \
	"$(filters ingress lan0 foreign) $(filters egress lan0 u32 | sed 's/[1-9]/some/') $(has_clsact && echo clsact) $(edge tc qdisc show dev lan0 | grep -c tbf)" "2 some clsact 1"
check "clsact: ... which run on" run_on early late

XREACH_TC=clsact start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
remember
kill9
check "clsact: kill -9 leaves our filters" equal "$(filters ingress) $(filters egress)" "1 1"
check "clsact: detach says what it removed" equal "$(detach | grep -c 'lan0: filters')" 1
wait_until 10 nothing_left
check "clsact: after detach nothing of ours is left" equal "$(ours_left)" "0 0 "
check "clsact: ... and all of others" equal \
	"$(filters ingress lan0 foreign) $(has_clsact && echo clsact) $(edge tc qdisc show dev lan0 | grep -c tbf)" "2 clsact 1"
check "clsact: ... which run on" run_on early late
check "detach: a second time there is nothing to do" equal "$(detach; echo $?)" "nothing of xreach is attached in this network namespace
0"
begone early late
edge tc qdisc del dev lan0 clsact
edge tc qdisc del dev lan0 root

XREACH_TC=clsact start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
remember
foreign guest lan0 ingress 30 # into the qdisc that we made
kill9
start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
check "the next start removes what a killed one left" equal "$(filters ingress) $(filters egress) $(how)" "0 0 tcx tcx"
check "... but not the filter that somebody put beside it, nor its qdisc" run_on guest
stop_daemon
begone guest
has_clsact && edge tc qdisc del dev lan0 clsact

foreign squatter lan0 ingress 7:5852
XREACH_TC=clsact start_daemon >"$tmp/why"
check "our place taken by somebody: that is said" grep -q 'another filter has priority 7' "$err"
check "... and the one who has it runs on" run_on squatter
stop_daemon
check "... and stays" equal "$(filters ingress lan0 foreign)" 1
begone squatter
check "no note is left" equal "$(notes)" ""
