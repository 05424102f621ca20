#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The edge's own firewall drops what goes to X: named as any block by address, and told apart by the reason that
# this host's kernel gave. tcpdump proves which packets there were.
. "$(dirname "$0")/lib.sh"

captured() { edge tcpdump -nr "$tmp/$1.pcap" 2>/dev/null | wc -l; }
no_reason='.dropped_here == false'
reason='.dropped_here and .drop_reason == "NETFILTER_DROP"'

begin
start_daemon >"$tmp/why" || die "$(cat "$tmp/why")"
check "the drop tracepoint is attached" status_has_hook kfree_skb
for device in lan0 wan0; do
	background "${in_edge[@]}" tcpdump -ni $device -U -w "$tmp/$device.pcap" 'dst host 104.244.42.1 or dst host 2606:1f80:f000::1'
	dumps="${dumps:-} $last"
done
wait_until 10 test -s "$tmp/lan0.pcap" -a -s "$tmp/wan0.pcap"

"$lab" edge-drop on || die "edge-drop"
mark
jobs=''
for family in 4 6; do
	LAB_CURL_WAIT=4 "$lab" curl x.com "-$family" -o /dev/null >/dev/null 2>&1 & jobs="$jobs $!"
done
"$lab" load -r 4 -d 1 -w 3500 104.244.42.65 2606:1f80:f000::65 >/dev/null & jobs="$jobs $!"
"$lab" load -m quic -r 4 -d 1 -w 3500 104.244.42.65 2606:1f80:f000::65 >/dev/null & jobs="$jobs $!"
# shellcheck disable=SC2086
await $jobs
for family in ipv4 ipv6; do
	named edge-drop 20 x $family tcp post_syn timeout 'SYN->0'
	named edge-drop 10 x $family quic post_psh timeout 'QUIC->0'
	check "edge-drop: $family: the kernel's reason is listed" listed x $family tcp post_syn timeout 'SYN->0' "$reason"
done
COLUMNS=200 LINES=60 top_once >"$tmp/top"
check "edge-drop: the screen says here: NETFILTER_DROP" grep -q 'here: NETFILTER_DROP' "$tmp/top"
check "edge-drop: dropped packets are counted" at_least "$(ledger dropped_here)" 8
# shellcheck disable=SC2086
kill $dumps; await $dumps
check "edge-drop: tcpdump saw the SYNs come in" at_least "$(captured lan0)" 2
check "edge-drop: tcpdump saw none of them leave" equal "$(captured wan0)" 0

# the same further up: no word of this host
"$lab" edge-drop off && "$lab" mode addr-drop || die "mode addr-drop"
before=$(ledger dropped_here)
mark
LAB_CURL_WAIT=4 "$lab" curl x.com -4 -o /dev/null >/dev/null 2>&1
wait_until 10 listed x ipv4 tcp post_syn timeout 'SYN->0'
check "the censor's drop is listed without a reason of this host" \
	listed x ipv4 tcp post_syn timeout 'SYN->0' "$no_reason"
check "the censor's drop is not counted as dropped here" equal "$(ledger dropped_here)" "$before"

# a reset from afar, of a connection of this host: the kernel drops the RSTs in the end, but stops nobody
"$lab" mode sni-rst || die "mode sni-rst"
stop_daemon
start_daemon -i wan0 >"$tmp/why" || die "$(cat "$tmp/why")"
mark
for family in 4 6; do
	LAB_FROM=edge LAB_CURL_WAIT=4 "$lab" curl x.com "-$family" -o /dev/null >/dev/null 2>&1
done
for family in ipv4 ipv6; do
	wait_until 12 listed x $family tcp post_psh reset 'PSH+ACK->RST+ACK'
	check "$family: a reset from afar is listed without a reason of this host" \
		listed x $family tcp post_psh reset 'PSH+ACK->RST+ACK' "$no_reason"
done
check "the books balance" books_balance
