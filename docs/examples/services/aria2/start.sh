#!/bin/sh
# aria2 with four paused downloads, on this machine alone, until Ctrl-C. ARIA2_TOKEN is the secret that it is to ask for.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'kill "$server"; wait "$server" || true; exit' INT TERM
cd "$folder"
# --force-sequential: each address is a download of its own. Nobody listens at port 9, and nobody is asked.
aria2c --no-conf --quiet --enable-rpc --rpc-listen-port="${PORT:-6800}" --rpc-secret="${ARIA2_TOKEN:?}" \
  --enable-dht=false --enable-dht6=false --bt-enable-lpd=false --pause --force-sequential \
  http://127.0.0.1:9/one http://127.0.0.1:9/two http://127.0.0.1:9/three http://127.0.0.1:9/four &
server=$!
url=http://127.0.0.1:${PORT:-6800}/jsonrpc
call='{"jsonrpc":"2.0","id":1,"method":"aria2.getVersion","params":["token:'$ARIA2_TOKEN'"]}'
until curl --silent --fail --output /dev/null --data "$call" "$url"; do sleep 0.1; kill -0 "$server"; done
echo "aria2 answers at $url"
wait "$server"
