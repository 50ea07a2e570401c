#!/bin/sh
# Fetches Debian's rsyslog and syslog-ng with their Kafka modules and unpacks each into a folder of its own: the two
# packages conflict, and nothing of the system is touched. Usage: bench/peers/unpack.sh [folder, default bench/peers/unpacked]
set -eu
folder=$(mkdir -p "${1:-bench/peers/unpacked}" && cd "${1:-bench/peers/unpacked}" && pwd)
unpack() {
  name=$1
  shift
  mkdir -p "$folder/$name/packages/partial" "$folder/$name/root"
  apt-get install -y -q --download-only --no-install-recommends -o Dir::Cache::archives="$folder/$name/packages" "$@"
  for package in "$folder/$name/packages"/*.deb; do dpkg-deb -x "$package" "$folder/$name/root"; done
}
unpack rsyslog rsyslog rsyslog-kafka
unpack syslog-ng syslog-ng-core syslog-ng-mod-rdkafka
echo "unpacked into $folder"
