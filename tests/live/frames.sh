#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Frames as they come on real links: made by trafgen through a TX_RING, so that nothing but a few bytes lies in the
# linear part; super-packets of a real download, counted as segments; and a device that has no link header.
. "$(dirname "$0")/lib.sh"

# ---- frames, as hexadecimal digits ----
be16() { printf '%04x' "$1"; }
addr4() { local IFS=.; printf '%02x%02x%02x%02x' $1; }
client4=$(addr4 100.72.9.9) server4=$(addr4 104.244.42.1)
client6=20010db8007200000000000000000909 server6=26061f80f00000000000000000000001
nat64=0064ff9b0000000000000000$server4
port=4000
syn() { printf '%s%s%s%s' "$(be16 40000)$(be16 $port)" "12345678000000006002ffff" 00000000 020405b401010402; } # 28 bytes
ip4() {	# options in hexadecimal, flags and offset
	local options=$1 frag=${2:-0000} total
	total=$((20 + ${#options} / 2 + 28))
	printf '%x%x00%s0042%s4006%s%s%s%s' 4 $((5 + ${#options} / 8)) "$(be16 $total)" "$frag" 0000 "$client4" "$server4" "$options"
	syn
}
ip6() {	# next header, extension headers, server
	printf '60000000%s%s40%s%s%s' "$(be16 $((${#2} / 2 + 28)))" "$1" "$client6" "${3:-$server6}" "$2"
	syn
}
pppoe() { printf '11000001%s%s%s' "$(be16 $((${#2} / 2 + 2)))" "$1" "$2"; }

shapes=''
send() {	# name, ethertype and what follows: its destination port tells it apart
	local frame
	frame=$(echo "$edge_mac$client_mac$2" | sed 's/../0x&, /g')
	echo "{ ${frame%, } }" >"$tmp/frame.cfg"
	client trafgen -V --cpus 1 -n 1 -o lan0 -i "$tmp/frame.cfg" >"$tmp/trafgen" 2>&1
	shapes="$shapes$port $1
"
	port=$((port + 1))
}

begin
edge_mac=$(edge ip -br link show lan0 | awk '{ gsub(":", "", $3); print $3 }')
client_mac=$(client ip -br link show lan0 | awk '{ gsub(":", "", $3); print $3 }')
start_daemon --wait-syn-live 1s --wait-syn 3s --wait-post-ack 2s >"$tmp/why" || die "$(cat "$tmp/why")"
"$lab" mode addr-drop

send "Ethernet, IPv4" "0800$(ip4 '')"
check "trafgen sends through a TX_RING" grep -q 'Frames, each' "$tmp/trafgen"
send "Ethernet, IPv6" "86dd$(ip6 06 '')"
send "VLAN, IPv4: its tag is in the metadata" "810000070800$(ip4 '')"
send "VLAN, IPv6" "8100000786dd$(ip6 06 '')"
send "QinQ, IPv4" "88a80005810000070800$(ip4 '')"
send "QinQ of two 802.1Q tags, IPv6" "810000058100000786dd$(ip6 06 '')"
send "PPPoE, IPv4" "8864$(pppoe 0021 "$(ip4 '')")"
send "PPPoE, IPv6" "8864$(pppoe 0057 "$(ip6 06 '')")"
send "PPPoE in QinQ, IPv4" "88a80005810000078864$(pppoe 0021 "$(ip4 '')")"
send "MPLS, two labels, IPv4" "88470001004000020140$(ip4 '')"
send "IPv4 with options" "0800$(ip4 94040000)"
send "IPv4, first fragment" "0800$(ip4 '' 2000)"
send "IPv6 with hop-by-hop and destination options" "86dd$(ip6 00 3c000104000000000600010400000000)"
send "IPv6 with a routing and a fragment header, the first fragment" "86dd$(ip6 2b 2c000400000000000600000100000001)"
send "NAT64" "86dd$(ip6 06 '' "$nat64")"
n=$(echo -n "$shapes" | wc -l)
wait_until 15 has_event '.group == "x" and .signature == "SYN->0"' "$n"
echo -n "$shapes" >"$tmp/shapes"
while read -r p name; do
	check "non-linear: $name: its SYN is seen, once" has_event \
		".group == \"x\" and .port == $p and .signature == \"SYN->0\" and .syns == 1"
done <"$tmp/shapes"
check "non-linear: nothing but these was opened" equal "$(ledger opened)" "$n"
check "non-linear: none of them was unparsed" equal \
	"$(status_json | jq -c '[.ledger[] | select((.name | startswith("unparsed/")) and .value > 0) | .name]')" "[]"

opened=$(ledger opened)
send "IPv4, later fragment" "0800$(ip4 '' 0010)"
send "IPv4, cut within its ports" "0800$(ip4 '' | cut -c 1-44)"
sleep 1.5
check "what holds no ports opens nothing" equal "$(ledger opened)" "$opened"
check "... and is counted by reason" equal "$(ledger unparsed/fragment) $(ledger unparsed/transport)" "1 1"
"$lab" mode off

# ---- super-packets ----
# A server on the edge itself, so that its segments leave as one: the censor's TUN device would cut them.
edge ip route add local 104.244.43.0/24 dev lo
background "${in_edge[@]}" "$root/build/lab/server" "/run/xr-lab-$XR_LAB/cert.pem" "/run/xr-lab-$XR_LAB/key.pem"
edge ethtool -K lan0 tso on gso on gro on >/dev/null 2>&1
client ethtool -K lan0 tso on gso on gro on >/dev/null 2>&1
wait_until 5 client curl -s -m 1 -o /dev/null http://104.244.43.1/
background "${in_edge[@]}" tcpdump -ni lan0 -U -s 120 -B 16384 -w "$tmp/lan0.pcap" 'host 104.244.43.2'
dump=$last
wait_until 5 test -s "$tmp/lan0.pcap"
sleep 1.3
before=$(metric xreach_group_packets_total group=x)
client curl -s -m 20 -o "$tmp/body" http://104.244.43.2/bytes/8000000
sleep 1.5
kill $dump; await $dump
after=$(metric xreach_group_packets_total group=x)
# each packet's segments: its payload over the MSS that the largest common one shows
edge tcpdump -nr "$tmp/lan0.pcap" 2>/dev/null | sed -n 's/.* length \([0-9]*\).*/\1/p' >"$tmp/lengths"
segments=$(awk '{ n += $1 > 1448 ? int(($1 + 1447) / 1448) : 1 } END { print n }' "$tmp/lengths")
frames=$(wc -l <"$tmp/lengths")
check "the download came in super-packets: $frames of $segments segments" at_least "$segments" $((frames * 4))
check "they are counted as their segments" equal "$((after - before))" "$segments"
wait_until 10 has_event '.server == "104.244.43.2" and .outcome == "ok" and .bytes_down >= 8000000 and .bytes_down < 8001000'
check "their bytes are counted once each" equal $? 0
check "the books balance" books_balance
stop_daemon

# ---- a device without a link header ----
in_edge=(nsenter "--net=/run/netns/xr-censor-$XR_LAB" --)
interfaces=(-i dpi0)
: >"$log"
start_daemon --wait-post-ack 2s >"$tmp/why" || die "$(cat "$tmp/why")"
codes="$(LAB_CURL_WAIT=5 "$lab" curl x.com -4 -o /dev/null -w '%{http_code}') $(LAB_CURL_WAIT=5 "$lab" curl x.com -6 -o /dev/null -w '%{http_code}')"
check "raw IP (tun): traffic passes" equal "$codes" "200 200"
wait_until 10 has_event '.family == "ipv4" and .outcome == "ok" and .syns == 1' && wait_until 10 has_event '.family == "ipv6" and .outcome == "ok" and .syns == 1'
check "raw IP (tun): both families are seen, once though they pass in and out" equal "$? $(ledger opened)" "0 2"
check "raw IP (tun): nothing was unparsed" equal \
	"$(status_json | jq -c '[.ledger[] | select((.name | startswith("unparsed/")) and .value > 0) | .name]')" "[]"
check "raw IP (tun): the books balance" books_balance
