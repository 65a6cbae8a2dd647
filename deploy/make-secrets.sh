#!/bin/sh
# Makes the files of secrets that docker-compose.yml names, where they are missing. What is there stays as it is.
set -eu
folder="$(dirname "$0")/secrets"
mkdir -p "$folder"
chmod 700 "$folder"
# Compose mounts the files as they are, and NYX reads them as the user 1000 of its image.
make() {
  [ -e "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
  chmod 644 "$folder/$1"
}
random() { head -c 36 /dev/urandom | base64 | tr -d '\n/+='; }
make postgres_password "$(random)"
make database_url "postgresql://nyx:$(cat "$folder/postgres_password")@db:5432/nyx"
make jwt_secret "$(random)"
make admin_password "$(random)"
# Compose wants the file; empty is as no key, and is filled when there is one.
env="$(dirname "$0")/../.env"
key="${ANTHROPIC_API_KEY:-}"
# Read as NYX reads it: without `export`, quotes, and a comment behind it.
read_key() {
  tr -d '\r' <"$env" | sed -n 's/^ *\(export  *\)\{0,1\}ANTHROPIC_API_KEY *= *//p' | tail -n 1 |
    sed -e "s/^\([\"']\)\(.*\)\1.*\$/\2/" -e t -e 's/ *#.*$//' -e 's/ *$//'
}
[ -n "$key" ] || [ ! -f "$env" ] || key=$(read_key)
[ -s "$folder/anthropic_api_key" ] || rm -f "$folder/anthropic_api_key"
make anthropic_api_key "$key"
printf 'The password of admin is in %s\n' "$folder/admin_password"
[ -s "$folder/anthropic_api_key" ] || printf 'Without a key of the model in %s NYX answers offline\n' "$folder/anthropic_api_key"
