"""The refunds of P1 to P4 in DuckDB with 2 threads, all in SQL and in memory.

    duckdb_peer.py FACTS REFUNDS_CSV
"""

import pathlib
import sys

import duckdb

HERE = pathlib.Path(__file__).parent


def main(facts, target):
    database = duckdb.connect(":memory:", config={"threads": 2, "preserve_insertion_order": False})
    database.execute((HERE / "load.duckdb.sql").read_text().replace("${facts}", facts.replace("'", "''")))
    database.execute((HERE / "refunds.duckdb.sql").read_text())
    database.execute(
        "COPY (SELECT period_id, days, (cents * 0.01::DECIMAL(3,2))::DECIMAL(14,2) AS amount_usd FROM refunds"
        f" ORDER BY period_id) TO '{target.replace(chr(39), chr(39) * 2)}' (HEADER, DELIMITER ',')")


if __name__ == "__main__":
    main(*sys.argv[1:])
