-- Run once by PostgreSQL's image, as the superuser, when its volume is empty. Elsewhere: TRADEACTORS_POSTGRES_PASSWORD=… psql -v ON_ERROR_STOP=1 -f init.sql
--
-- The nodes' user owns its database and nothing else: it is no superuser and makes no roles. It reads for a tenant under tradeactors_tenant, which row-level
-- security holds to that tenant's rows. The nodes grant themselves that role when they make the schema, and only an administrator of a role may grant it.
\set ON_ERROR_STOP on
\getenv password TRADEACTORS_POSTGRES_PASSWORD
-- Where the variable is missing, :'password' stays as it is and is refused.
CREATE ROLE tradeactors LOGIN PASSWORD :'password';
CREATE ROLE tradeactors_tenant NOLOGIN;
GRANT tradeactors_tenant TO tradeactors WITH ADMIN OPTION;
CREATE DATABASE tradeactors OWNER tradeactors ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
REVOKE CONNECT, TEMPORARY ON DATABASE tradeactors FROM PUBLIC;
-- Never off for this database, whatever the server's setting: an acknowledged signal is on disk.
ALTER DATABASE tradeactors SET synchronous_commit = on;
