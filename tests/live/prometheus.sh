#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The endpoint as its users meet it: a real Prometheus scrapes the daemon and answers what /metrics says; both
# formats are well-formed; promtool finds nothing; health pages, landing page, compression.
. "$(dirname "$0")/lib.sh"

query() {	# PromQL: the value of the one row that is left, or "none"
	edge curl -s -m 5 --noproxy '*' -G --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query |
		jq -r '.data.result[0].value[1] // "none"'
}
is() { [ "$(query "$1")" = "$2" ]; }
code() { web "$1" -o "$tmp/page" -w '%{http_code}' "${@:2}"; }
settled() { [ "$(ledger open)" = 0 ]; }

begin
prometheus=$("$root/tests/tools/prometheus" prometheus 2>"$tmp/why") || die "no prometheus: $(tail -n 1 "$tmp/why")"
promtool=$("$root/tests/tools/prometheus" promtool 2>"$tmp/why") || die "no promtool: $(tail -n 1 "$tmp/why")"
start_daemon --wait-post-ack 2s --wait-syn 3s --wait-payload 3s --site lahore=100.72.0.0/17 >"$tmp/why" || die "$(cat "$tmp/why")"

rules=$root/user/share/prometheus/xreach.rules.yml
web /metrics >"$tmp/first"
cat >"$tmp/prometheus.yml" <<END
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: xreach
    static_configs: [ { targets: [ "$at" ] } ]
END
background "${in_edge[@]}" "$prometheus" --config.file="$tmp/prometheus.yml" --storage.tsdb.path="$tmp/tsdb" \
	--web.listen-address=127.0.0.1:9090 --log.level=error

"$lab" load -r 10 -d 2 -w 3000 104.244.42.1 2606:1f80:f000::1 >/dev/null
"$lab" mode addr-drop
"$lab" load -r 10 -d 1 -w 2500 104.244.42.1 >/dev/null
wait_until 20 settled
sleep 1.5
good=$(metric xreach_flows_total group=x outcome=ok family=ipv6)
bad=$(metric xreach_flows_total group=x signature='SYN->0')
check "there were attempts that went well and such that did not" at_least "$((good > 5 && bad > 5))" 1
wait_until 20 is 'up{job="xreach"}' 1
check "Prometheus says up == 1" equal "$(query 'up{job="xreach"}')" 1
sum='sum(xreach_flows_total{group="x",signature="SYN->0"})'
wait_until 10 is "$sum" "$bad"
check "a query for SYN->0 gives what /metrics says" equal "$(query "$sum")" "$bad"
check "a query for what was ok over IPv6 gives what /metrics says" \
	equal "$(query 'sum(xreach_flows_total{group="x",outcome="ok",family="ipv6"})')" "$good"
check "the books balance in Prometheus's own arithmetic" equal "$(query 'xreach_books_opened_total -
	xreach_books_open - xreach_books_judged_total - xreach_books_forgotten_total - on() sum(xreach_books_lost_total)')" 0
check "no scrape was refused a sample" equal \
	"$(query 'scrape_samples_scraped{job="xreach"} - scrape_samples_post_metric_relabeling{job="xreach"}')" 0

web /metrics >"$tmp/text"
check "the rules that come with it are rules" equal "$("$promtool" check rules "$rules" 2>&1 | grep -c SUCCESS)" 1
cp "$rules" "$here/rules.test.yml" "$tmp"
check "... and fire when they should, and only then" equal "$("$promtool" test rules "$tmp/rules.test.yml" 2>&1 | grep -c SUCCESS)" 1
for name in $(grep -v '^ *#' "$rules" | grep -oE '\bxreach_[a-z_]+' | grep -vE '^xreach_judged_failing' | sort -u); do
	grep -q "^$name[{ ]" "$tmp/text" || echo "$name"
done >"$tmp/unknown"
check "... by metrics that there are" equal "$(cat "$tmp/unknown")" ""
check "promtool finds nothing" equal "$("$promtool" check metrics <"$tmp/text" 2>&1)" ""
series() { grep -v '^#' "$1" | sed 's/ [^ ]*$//' | sort; }
check "no series came or went: all were there from the start" equal "$(series "$tmp/first" | md5sum)" "$(series "$tmp/text" | md5sum)"
check "there are at most a few thousand series" at_least 8000 "$(series "$tmp/text" | wc -l)"
check "no series names anything finer than the list and the sites" equal \
	"$(grep -cE '100\.72\.|2001:db8:72' "$tmp/text")" 0

web /metrics -H 'Accept: application/openmetrics-text; version=1.0.0' -D "$tmp/head" >"$tmp/open"
check "OpenMetrics is given when it is asked for" grep -qi '^content-type: application/openmetrics-text' "$tmp/head"
check "OpenMetrics ends with # EOF" equal "$(tail -n 1 "$tmp/open")" "# EOF"
check "OpenMetrics has the same series" equal \
	"$(series "$tmp/open" | md5sum)" "$(series "$tmp/text" | md5sum)"
web /metrics -D "$tmp/head" >"$tmp/plain"
check "text 0.0.4 is given otherwise" grep -qi '^content-type: text/plain; version=0.0.4' "$tmp/head"
web /metrics -H 'Accept-Encoding: gzip' -D "$tmp/head" >"$tmp/packed"
check "gzip is given when it is asked for" grep -qi '^content-encoding: gzip' "$tmp/head"
gzip -dc <"$tmp/packed" >"$tmp/unpacked"
check "what was packed has the same series" equal "$(series "$tmp/unpacked" | md5sum)" "$(series "$tmp/text" | md5sum)"
check "... and is a quarter of the size or less" at_least "$(stat -c %s "$tmp/unpacked")" "$(($(stat -c %s "$tmp/packed") * 4))"

check "/-/healthy is 200" equal "$(code /-/healthy)" 200
check "/-/ready is 200" equal "$(code /-/ready)" 200
check "the landing page is 200" equal "$(code /)" 200
check "... and leads to /metrics" grep -q 'href="/metrics"' "$tmp/page"
check "anything else is 404" equal "$(code /nothing) $(code /metrics/x) $(code /-/)" "404 404 404"
check "a POST is 405" equal "$(code /metrics -X POST)" 405
check "HEAD has no body" equal "$(code /metrics -I -w '%{http_code} %{size_download}')" "200 0"
check "every request was answered" equal "$(metric xreach_http_requests_total code=500)" 0
"$lab" mode off
