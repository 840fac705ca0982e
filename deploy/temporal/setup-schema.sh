#!/bin/sh
# Brings Temporal's two databases to the schema of this version of its tools. Idempotent.
# temporal-sql-tool reads SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN.
set -eu

for name in temporal:temporal temporal_visibility:visibility; do
	database=${name%:*} schema=postgresql/v12/${name#*:}
	temporal-sql-tool --database "$database" setup-schema --version 0.0
	temporal-sql-tool --database "$database" update-schema --schema-name "$schema"
done
