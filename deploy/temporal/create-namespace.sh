#!/bin/sh
# Makes the namespace that click2call works in, once Temporal is up. Idempotent. The CLI reads TEMPORAL_ADDRESS.
set -eu

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ "$tries" -ge 60 ]; then
		echo "Temporal at $TEMPORAL_ADDRESS is not healthy after $tries tries: see docker compose logs temporal" >&2
		exit 1
	fi
	sleep 1
done

# Ended calls stay in Temporal Web for a week; the outcomes themselves are in our own database.
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
	temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 168h
