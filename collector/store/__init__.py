"""The central database: tables, migrations, the one writing transaction and the queries."""
