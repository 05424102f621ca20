# Take the tables of cases apart: a directory for each case, with what `run` needs of it.
#   name, order   the claim
#   scene         lines for the scene program           file      a given capture instead
#   want          the JSON lines wanted, one a flow     list      ranges of its own
#   counts        numbers of alike flows                summary   what the ledger must say
#   crowd         minutes of many flows (crowd.awk)     incident  what one line of --incidents says
#   incidents     how many there are                    states    the worst of a group
#   ranges        a list beside the tables               options, status, says, cut                          words of the lines of these names

# "a,b" as a list of strings
function evidence(s) { if (s) { gsub(/,/, "\",\"", s); s = json_string(s) } return s }

function json_string(s) { return "\"" s "\"" }

# What a line does not say is what most scenes share: a handshake of 80 ms with a server at TTL 50, 517 bytes up,
# 1000 down.
function wanted(    i, at, v, first) {
	v["group"] = "x"; v["prefix"] = "104.244.42.0/24"; v["server"] = "104.244.42.1"; v["port"] = 443
	v["family"] = "ipv4"; v["transport"] = "tcp"; v["why"] = ""; v["syns"] = 1; v["first"] = "2023-11-14T22:13"
	v["rst"] = $3 == "reset" ? 50 : "null"
	v["rtt"] = $2 == "post_syn" ? "null" : "80.0"
	v["ttl"] = $2 == "post_syn" ? "null" : 50
	v["up"] = $2 == "post_psh" || $2 == "later" ? 517 : 0
	v["down"] = $2 == "later" ? 1000 : 0
	if ($4 ~ /OTHER/) v["rst"] = "null"
	v["sni"] = "unknown"; v["rule"] = ""
	v["score"] = 0; v["evidence"] = ""
	for (i = 5; i <= NF; i++) {
		at = index($i, "=")
		if (!at || !(substr($i, 1, at - 1) in v)) {
			print FILENAME ":" FNR ": what is " $i "?" > "/dev/stderr"
			bad = 1
			exit 1
		}
		v[substr($i, 1, at - 1)] = substr($i, at + 1)
	}
	return "{\"group\":" json_string(v["group"]) ",\"prefix\":" json_string(v["prefix"]) \
		",\"server\":" json_string(v["server"]) ",\"port\":" v["port"] ",\"family\":" json_string(v["family"]) \
		",\"transport\":" json_string(v["transport"]) ",\"stage\":" json_string($2) ",\"outcome\":" json_string($3) \
		",\"why\":" json_string(v["why"]) ",\"signature\":" json_string($4) ",\"sni\":" json_string(v["sni"]) ",\"rule\":" json_string(v["rule"]) \
		",\"injection\":{\"level\":" json_string(v["score"] + 0 >= 6 ? "high" : v["score"] + 0 >= 3 ? "suspected" : "none") ",\"score\":" v["score"] ",\"evidence\":[" \
		evidence(v["evidence"]) "]},\"syns\":" v["syns"] \
		",\"rtt_ms\":" v["rtt"] ",\"reset_ttl\":" v["rst"] ",\"server_ttl\":" v["ttl"] ",\"bytes_up\":" v["up"] \
		",\"bytes_down\":" v["down"] ",\"first\":\"" v["first"] ":00Z\"}"
}

# An answer of the resolver's, 40 ms after the question and six routers away.
function wanted_dns(    i, at, v) {
	v["rule"] = "x.com"; v["addresses"] = ""; v["answers"] = 1; v["ms"] = "40.0"; v["apart"] = "null"; v["hops"] = 6
	for (i = 3; i <= NF; i++) {
		at = index($i, "=")
		if (!at || !(substr($i, 1, at - 1) in v)) {
			print FILENAME ":" FNR ": what is " $i "?" > "/dev/stderr"
			bad = 1
			exit 1
		}
		v[substr($i, 1, at - 1)] = substr($i, at + 1)
	}
	return "{\"dns\":{\"group\":\"x\",\"rule\":" json_string(v["rule"]) ",\"verdict\":" json_string($2) \
		",\"addresses\":[" evidence(v["addresses"]) "],\"answers\":" v["answers"] ",\"ms\":" v["ms"] \
		",\"apart_ms\":" v["apart"] ",\"hops\":" v["hops"] ",\"first\":\"2023-11-14T22:13:00Z\"}}"
}

function rest() { sub(/^[^ \t]+[ \t]+/, ""); return $0 }

function save(name, text) { print text >> (dir "/" name) }

{ sub(/#.*/, ""); sub(/[ \t]+$/, "") }
NF == 0 { next }
$1 == "case" {
	if (dir) close(dir "/want")
	dir = sprintf("%s/%04d", out, ++n)
	if (system("mkdir -p " dir)) exit 1
	printf "" > (dir "/want")
	save("name", $2)
	next
}
!dir { print FILENAME ":" FNR ": a case comes first" > "/dev/stderr"; exit 1 }
$1 == "flow" { save("want", wanted()); next }
$1 == "dns" {
	if (!(dir in asks)) save("options", "--dns")
	asks[dir] = 1
	save("want", wanted_dns())
	next
}
$1 == "flows" { save("counts", rest()); next }
$1 ~ /^(file|ranges|list|summary|options|status|says|cut)$/ { name = $1; save(name, rest()); next }
$1 ~ /^(crowd|incident|incidents|states)$/ { name = $1; save(name, rest()); next }
$1 ~ /^(text|gzip)$/ { save($1, NF > 1 ? rest() : ""); next }
{ save("scene", $0) }
