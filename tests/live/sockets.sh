#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# This host's own attempts, by the socket hooks on the root control group: seen once although TC sees their
# packets too, seen also when the local firewall lets no packet out, and left alone when that is asked for.
. "$(dirname "$0")/lib.sh"
interfaces=(-i wan0)

own() { LAB_FROM=edge LAB_CURL_WAIT=$1 "$lab" curl "${@:2}" -o /dev/null -w '%{http_code}'; }
change() { echo $(($(ledger "$1") - $2)); } # of a row of the ledger
settled() { [ "$(ledger open)" = 0 ]; }

begin
start_daemon --wait-syn 4s --wait-syn-live 1s --wait-post-ack 3s --wait-payload 4s >"$tmp/why" || die "$(cat "$tmp/why")"
for hook in connect4 connect6 sendmsg4 sendmsg6 sockops; do
	check "$hook is attached to the root control group" status_has_hook $hook
done
check "the five of them are links that the daemon holds" equal "$(held cgroup)" 5

mark
asked=$(ledger asked) opened=$(ledger opened)
codes="$(own 5 x.com -4) $(own 5 x.com -6)"
check "this host reaches X over both families" equal "$codes" "200 200"
wait_until 15 logged x ipv4 tcp later ok none && wait_until 5 logged x ipv6 tcp later ok none
check "what this host's sockets opened and TC saw is ok" equal $? 0
check "connect4 and connect6 counted one question each" equal "$(change asked "$asked")" 2
check "sockops and TC opened each attempt once" equal "$(change opened "$opened")" 2
check "their packets were no strays" equal "$(ledger midstream)" 0

# one socket each, several Initials each
asked=$(ledger asked) opened=$(ledger opened)
"$lab" mode udp-drop
edge "$root/build/lab/load" -m quic -u -r 1 -d 1 -w 1500 -c none -C none 104.244.42.1 2606:1f80:f000::1 >/dev/null
edge "$root/build/lab/load" -m quic -u -r 1 -d 1 -w 1500 -c none -C none 2606:1f80:f000::1 >/dev/null
sleep 1.2
check "sendmsg4 and sendmsg6 counted each Initial" at_least "$(change asked "$asked")" 4
check "QUIC of this host opened one attempt a socket" equal "$(change opened "$opened")" 2
"$lab" mode off

# a local UDP connect() is no attempt: name resolution makes them all the time
asked=$(ledger asked) opened=$(ledger opened)
edge bash -c 'exec 3<>/dev/udp/104.244.42.1/443' 2>/dev/null
sleep 1.2
check "a UDP connect without a packet is no attempt" equal \
	"$(change asked "$asked") $(change opened "$opened")" "0 0"

# another namespace's sockets are not this host's own
asked=$(ledger asked)
LAB_CURL_WAIT=5 "$lab" curl x.com -4 -o /dev/null
sleep 1.2
check "connect() in another network namespace is not counted as asked" equal "$(change asked "$asked")" 0

# no packet leaves, so TC sees nothing
"$lab" edge-drop on
background "${in_edge[@]}" tcpdump -ni wan0 -U -w "$tmp/wan0.pcap" 'host 104.244.42.1 or host 2606:1f80:f000::1'
dump=$last
wait_until 10 test -s "$tmp/wan0.pcap"
wait_until 20 settled
mark
opened=$(ledger opened)
own 3 x.com -4 >/dev/null 2>&1 & one=$!
own 3 x.com -6 >/dev/null 2>&1 & two=$!
await $one $two
for family in ipv4 ipv6; do
	named "output drop" 4 x $family tcp post_syn timeout 'SYN->0'
	check "output drop: $family: told apart by the kernel's reason" listed x $family tcp post_syn timeout 'SYN->0' \
		'.dropped_here and .drop_reason == "NETFILTER_DROP"'
done
check "output drop: each attempt was opened once" equal "$(change opened "$opened")" 2
kill $dump; await $dump
check "output drop: tcpdump saw no packet leave" equal "$(edge tcpdump -nr "$tmp/wan0.pcap" 2>/dev/null | wc -l)" 0
"$lab" edge-drop off
wait_until 20 settled
check "the books balance" books_balance
check "nothing was lost" equal "$(lost)" 0
stop_daemon

start_daemon --no-socket-hooks --wait-syn 4s --wait-post-ack 3s >"$tmp/why" || die "$(cat "$tmp/why")"
check "--no-socket-hooks: the hooks are listed as left out" equal \
	"$(status_json | jq -c '[.hooks[] | select(.name == "connect4" or .name == "sockops") | [.attached, .note]] | unique')" \
	'[[false,"left out, as asked"]]'
edge "$xreach" status --socket "$sock" >"$tmp/status"
check "--no-socket-hooks: that is not reported as wrong" equal "$(grep -c ^wrong: "$tmp/status")" 0
check "--no-socket-hooks: no cgroup program is attached by us" equal "$(held cgroup)" 0
code=$(own 5 x.com -4)
wait_until 15 logged x ipv4 tcp later ok none
check "--no-socket-hooks: this host's own attempts are still seen on the wire" equal "$? $code" "0 200"
check "--no-socket-hooks: nothing is counted as asked" equal "$(ledger asked)" 0
check "--no-socket-hooks: the books balance" books_balance
