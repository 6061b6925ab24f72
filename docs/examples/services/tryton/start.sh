#!/bin/sh
# Tryton with a new database, company, of four parties, on this machine alone, until Ctrl-C.
# TRYTON_PASSWORD is the password that its user admin gets. The database takes some seconds.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'kill "$server"; wait "$server" || true; exit' INT TERM
umask 077
printf %s "${TRYTON_PASSWORD:?}" >"$folder/password"
: >"$folder/company.sqlite"
cat >"$folder/trytond.conf" <<END
[database]
uri = sqlite://
path = $folder
[web]
listen = 127.0.0.1:${PORT:-8000}
END
TRYTONPASSFILE=$folder/password trytond-admin --config "$folder/trytond.conf" --database company \
  --email nobody@example.com --update party --activate-dependencies
trytond --config "$folder/trytond.conf" --database company >"$folder/log" 2>&1 &
server=$!
url=http://127.0.0.1:${PORT:-8000}/company/
ask() {
  curl --silent --header 'Content-Type: application/json' --header "Authorization: Session ${session:-}" --data "$1" "$url"
}
login='{"id":1,"method":"common.db.login","params":["admin",{"password":"'$TRYTON_PASSWORD'"},"en"]}'
until key=$(ask "$login" | sed -n 's/.*"result":\[1,"\([0-9a-f]*\)"\].*/\1/p') && [ -n "$key" ]; do
  sleep 0.1
  kill -0 "$server"
done
session=$(printf %s "admin:1:$key" | base64 --wrap=0)
ask '{"id":2,"method":"model.party.party.create","params":[[{"name":"Anna"},{"name":"Ben"},{"name":"Carl"},{"name":"Dora"}],{}]}' >/dev/null
echo "Tryton answers at $url"
wait "$server"
