#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The page of the front: the greeting of the ConfigMap, who answers, and what the back says.
escape() { printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'; }

greeting=$(cat /etc/shop/greeting 2>/dev/null || echo "No greeting is mounted.")
# nc, because wget of the static busybox needs libraries that are not in the image.
ask_back() {
  printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 2 "$BACK_SERVICE_HOST" "$BACK_SERVICE_PORT" |
    sed '1,/^\r*$/d'
}

if [ -n "$BACK_SERVICE_HOST" ]; then
  back=$(ask_back 2>/dev/null)
else
  back="no Service named back was there when this pod started"
fi

printf 'Content-Type: text/html; charset=utf-8\r\n\r\n'
cat <<PAGE
<!doctype html>
<title>Shop</title>
<h1>$(escape "$greeting")</h1>
<p>front $(cat /version)</p>
<p>$(escape "${back:-the back does not answer}")</p>
<p>from pod $(hostname)</p>
PAGE
