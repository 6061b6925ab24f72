#!/bin/sh
# Transmission with four paused torrents, three of them with the label linux, on this machine alone, until Ctrl-C.
# TRANSMISSION_USER and TRANSMISSION_PASSWORD are the credentials that it is to ask for.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'kill "$server"; wait "$server" || true; exit' INT TERM
user=${TRANSMISSION_USER:?} password=${TRANSMISSION_PASSWORD:?}
transmission-daemon --foreground --log-error --config-dir "$folder" --download-dir "$folder" \
  --port "${PORT:-9091}" --rpc-bind-address 127.0.0.1 --auth --username "$user" --password "$password" \
  --bind-address-ipv4 127.0.0.1 --bind-address-ipv6 ::1 --peerport "${PEER_PORT:-51413}" \
  --no-dht --no-lpd --no-utp --no-portmap &
server=$!
url=http://127.0.0.1:${PORT:-9091}/transmission/rpc
ask() {
  curl --silent --user "$user:$password" --header "${session:-Accept: */*}" --data "$1" "$url"
}
# The first answer is a refusal that says which session to take.
until session=$(ask '{}' | grep --only-matching --max-count 1 'X-Transmission-Session-Id: [[:alnum:]]*' | head -n 1) &&
  [ -n "$session" ]; do sleep 0.1; kill -0 "$server"; done
for name in one two three four; do
  hash=$(printf %s "$name" | sha1sum | cut -c 1-40)
  ask '{"method":"torrent-add","arguments":{"paused":true,"filename":"magnet:?xt=urn:btih:'"$hash&dn=$name"'"}}' >/dev/null
done
ask '{"method":"torrent-set","arguments":{"ids":[1,2,3],"labels":["linux"]}}' >/dev/null
echo "Transmission answers at $url"
wait "$server"
