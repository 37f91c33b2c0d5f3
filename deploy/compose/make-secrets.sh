#!/bin/sh
# Makes the secrets compose.yaml names, each once: what is there stays. Their folder is closed to other users; the files
# are not, because the containers' users, who see nothing but their own, have other numbers.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p "$folder/tls"
chmod 700 "$folder"
cd "$folder"

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }
plain() { random | tr -d '=_-'; }
keep() {
  if [ -s "$1" ]; then return; fi
  printf '%s' "$2" >"$1.part"
  chmod 644 "$1.part"
  mv "$1.part" "$1"
}

keep secret_key "$(plain)$(plain)"
keep encryption_keys "k1:$(random)"
keep postgres_password "$(plain)"
keep valkey_password "$(plain)"
keep grafana_password "$(plain)"
keep database_url "postgres://newsforge:$(cat postgres_password)@postgres:5432/newsforge"
keep redis_url "redis://:$(cat valkey_password)@valkey:6379/0"
echo "The secrets are in $folder. Put fullchain.pem and privkey.pem into tls there, and keep a copy of encryption_keys:"
echo "without it nobody can read the provider keys in the database."
