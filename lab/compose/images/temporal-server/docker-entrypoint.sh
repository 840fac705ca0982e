#!/bin/sh
# What the official entrypoint does, as far as docker-compose.yml relies on it: a server that listens on all addresses tells the
# others the container's own.
set -eu
own=$(getent hosts "$(hostname)" | awk '{print $1; exit}')
export BIND_ON_IP="${BIND_ON_IP:-$own}"
if [ "$BIND_ON_IP" = 0.0.0.0 ]; then
	export TEMPORAL_BROADCAST_ADDRESS="${TEMPORAL_BROADCAST_ADDRESS:-$own}"
fi
exec temporal-server --root /etc/temporal --config config --env docker --allow-no-auth "$@"
