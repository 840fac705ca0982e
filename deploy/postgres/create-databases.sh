#!/bin/sh
# Runs once, when PostgreSQL's volume is empty. Each program has a user of its own that owns its databases and no more.
set -eu

psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
	-v click2call_password="$CLICK2CALL_DB_PASSWORD" -v temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
CREATE USER click2call PASSWORD :'click2call_password';
CREATE DATABASE click2call OWNER click2call;
CREATE USER temporal PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE click2call, temporal, temporal_visibility FROM PUBLIC;
SQL
