"""Prints the seconds in which awswrangler puts the Parquet files below a path into the catalog."""

import sys
import time

import awswrangler as wr

# The first call of a client opens what later ones share.
wr.catalog.delete_table_if_exists("wrangler", "films")
started = time.perf_counter()
wr.s3.store_parquet_metadata(path=sys.argv[1], database="wrangler", table="films", dataset=True)
print(time.perf_counter() - started)
