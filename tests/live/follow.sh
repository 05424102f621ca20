#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Interfaces come, go and change their names, and are followed; and a packet that passes the hooks of several of
# them (router, bridge, macvlan, bond, VLAN) counts once.
. "$(dirname "$0")/lib.sh"

attached_to() { status_json | jq -r --arg w "$1" '[.hooks[] | select(.where == $w and .attached) | .name] | sort | join(" ")'; }
on() { [ "$(attached_to "$1")" = "tc/egress tc/ingress" ]; }
off() { [ "$(attached_to "$1")" = "" ]; }
both="tc/egress tc/ingress"
settled() { [ "$(ledger open)" = 0 ]; }
code() { LAB_CURL_WAIT=5 "$lab" curl x.com "$1" -o /dev/null -w '%{http_code}'; }
group_packets() { metric xreach_group_packets_total group=x; }

# One connection over each family counts as one attempt each, whatever it passes.
counts_once() {	# title
	local opened packets codes
	wait_until 20 settled
	mark
	opened=$(ledger opened) packets=$(group_packets) other=$(ledger other_hook)
	codes="$(code -4) $(code -6)"
	check "$1: both families get through" equal "$codes" "200 200"
	wait_until 15 logged x ipv4 tcp later ok none ".syns == 1" && wait_until 15 logged x ipv6 tcp later ok none ".syns == 1"
	check "$1: each SYN counts once" equal $? 0
	check "$1: each attempt is opened once" equal $(($(ledger opened) - opened)) 2
	check "$1: the other hooks' sight of the packets is counted apart" at_least $(($(ledger other_hook) - other)) 4
	packets=$(($(group_packets) - packets))
	check "$1: each packet counts once: $packets" equal "$((packets >= lone - 4 && packets <= lone + 4))" 1
	check "$1: nothing was called midstream" equal "$(ledger midstream)" 0
}
counted_one() {
	local was
	sleep 1.3 # what came before is in the figures
	was=$(ledger opened)
	code -4 >/dev/null
	sleep 1.3
	equal $(($(ledger opened) - was)) 1
}
restart() {
	stop_daemon
	start_daemon --wait-post-ack 2s >"$tmp/why" || die "$(cat "$tmp/why")"
}

begin
# what one hook alone counts of such a pair of connections
start_daemon --wait-post-ack 2s >"$tmp/why" || die "$(cat "$tmp/why")"
code -4 >/dev/null; code -6 >/dev/null
sleep 1.3
lone=$(group_packets)
check "one hook alone counts the packets of two connections: $lone" at_least "$lone" 20

# ---- counted once ----
interfaces=(-i lan0 -i wan0)
restart
counts_once "router, two interfaces"

# The edge's addresses and routes towards the clients, on another device.
give() {
	edge ip addr flush dev lan0
	edge ip -6 addr flush dev lan0
	edge ip link set "$1" up
	edge ip addr add 100.64.0.1/30 dev "$1"
	edge ip addr add fd72:0:0:1::1/64 dev "$1" nodad
	edge ip route replace 100.72.0.0/16 via 100.64.0.2
	edge ip -6 route replace 2001:db8:72::/48 via fd72:0:0:1::2
	wait_until 10 reached || die "no way through $1"
}
reached() { [ "$(code -4 2>/dev/null)$(code -6 2>/dev/null)" = 200200 ]; }

edge ip link add br0 type bridge
edge ip link set lan0 master br0
give br0
interfaces=(-i lan0 -i br0)
restart
counts_once "bridge and its port"
edge ip link del br0

edge ip link add link lan0 name mac0 type macvlan mode passthru
give mac0
interfaces=(-i lan0 -i mac0)
restart
counts_once "macvlan and what lies below"
edge ip link del mac0

if edge ip link add bond0 type bond mode active-backup 2>"$tmp/why"; then
	edge ip link set lan0 down
	edge ip link set lan0 master bond0
	give bond0
	interfaces=(-i lan0 -i bond0)
	restart
	counts_once "bond and its port"
	edge ip link del bond0
	edge ip link set lan0 up
else
	skip "bond and its port count once" "this kernel has no bond"
fi

if edge ip link add link lan0 name lan0.7 type vlan id 7 2>"$tmp/why"; then
	client ip link add link lan0 name lan0.7 type vlan id 7
	client ip addr flush dev lan0
	client ip -6 addr flush dev lan0
	client ip link set lan0.7 up
	client ip addr add 100.64.0.2/30 dev lan0.7
	client ip addr add fd72:0:0:1::2/64 dev lan0.7 nodad
	client ip route add default via 100.64.0.1 src 100.72.0.10
	client ip -6 route add default via fd72:0:0:1::1 src 2001:db8:72::10
	give lan0.7
	interfaces=(-i lan0 -i lan0.7)
	restart
	counts_once "VLAN device and what lies below"
	client ip link del lan0.7
	client ip addr add 100.64.0.2/30 dev lan0
	client ip addr add fd72:0:0:1::2/64 dev lan0 nodad
	client ip route add default via 100.64.0.1 src 100.72.0.10
	client ip -6 route add default via fd72:0:0:1::1 src 2001:db8:72::10
	edge ip link del lan0.7
else
	skip "VLAN device and what lies below count once" "this kernel has no VLAN device; tagged frames are in frames.sh"
fi
give lan0

# ---- followed ----
interfaces=(-i lan0 -i late0)
stop_daemon
start_daemon --wait-post-ack 2s >"$tmp/why"
if [ -n "$daemon" ] && ! gone "$daemon"; then
	check "an interface that is named but not there yet is no hindrance" equal "$(attached_to lan0)" "$both"
else
	not_ok "an interface that is named but not there yet is no hindrance" "$(cat "$tmp/why")"
	interfaces=(-i lan0)
	restart
fi
edge ip link add late0 type veth peer name late1
wait_until 5 on late0
check "... and watched when it comes" equal "$(attached_to late0)" "$both"
edge ip link del late0
wait_until 5 off late0
check "an interface that vanishes is let go of" equal "$(attached_to late0)" ""
edge ip link add late0 type veth peer name late1
wait_until 5 on late0
check "... and watched again when it comes back" equal "$(attached_to late0)" "$both"
edge ip link set lan0 down
edge ip link set lan0 name client0
edge ip link set client0 up
wait_until 5 on client0
check "an interface with a new name stays watched under it" equal "$(attached_to client0) $(attached_to lan0)" "$both "
edge ip link set client0 down
edge ip link set client0 name lan0
give lan0
edge ip link del late0
check "the daemon still sees" counted_one

interfaces=()
restart
check "without -i the interface with the default route is watched, alone" equal \
	"$(status_json | jq -c '[.hooks[] | select(.name | startswith("tc/")) | .where] | unique')" '["wan0"]'
edge ip link add second0 type veth peer name second1
edge ip link set second0 up
edge ip link set second1 up
edge ip addr add 192.0.2.1/30 dev second0
edge ip route add default via 192.0.2.2 dev second0 metric 500
wait_until 5 on second0
check "a default route that appears brings its interface in" equal "$(attached_to second0)" "$both"
edge ip route del default via 192.0.2.2 dev second0 metric 500
sleep 1.5
check "a default route that goes is no reason to lose our place" equal "$(attached_to second0)" "$both"
check "the books balance" books_balance
