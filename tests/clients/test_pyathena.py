"""PyAthena, as notebooks and dbt use it."""

import re

import pyathena
import pytest
from pyathena.cursor import DictCursor
from pyathena.util import PATTERN_METADATA_SERVICE_ERROR

from served_cloud import CREDENTIALS, REGION


@pytest.fixture
def connection(cloud, lake):
    lake.songs_table()
    # PyAthena finds S3 through the environment's endpoint or this argument.
    with pyathena.connect(
        s3_staging_dir=f"s3://{lake.results}/pyathena/",
        schema_name=lake.database,
        region_name=REGION,
        endpoint_url=cloud.endpoint,
        poll_interval=0.05,
        **CREDENTIALS,
    ) as connection:
        yield connection


def test_a_cursor_reads_a_table_with_types(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title, seconds, year > 1960 AS late FROM songs ORDER BY id")
        assert [d[0] for d in cursor.description] == ["id", "title", "seconds", "late"]
        assert [d[1] for d in cursor.description] == ["bigint", "varchar", "double", "boolean"]
        assert cursor.fetchone() == (1, "Kind of Blue", 545.5, False)
        assert len(cursor.fetchall()) == 7


def test_values_are_filled_in(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM songs WHERE artist = %(artist)s ORDER BY id", {"artist": "Miles Davis"})
        assert cursor.fetchall() == [("Kind of Blue",), ("So What",)]


def test_question_marks_go_to_athena_as_parameters(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM songs WHERE year = ?", ["1959"], paramstyle="qmark")
        assert cursor.fetchone() == (4,)


def test_rows_as_dicts(connection):
    with connection.cursor(DictCursor) as cursor:
        cursor.execute("SELECT title, year FROM songs WHERE id = 8")
        assert cursor.fetchall() == [{"title": "Maiden Voyage", "year": 1965}]


def test_nothing_and_decimals_and_dates(connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(NULL AS varchar), DECIMAL '1.20', DATE '2024-02-29', TIMESTAMP '2024-02-29 12:30:00.000'"
        )
        nothing, decimal, date, timestamp = cursor.fetchone()
        assert nothing is None
        assert str(decimal) == "1.20"
        assert date.isoformat() == "2024-02-29"
        assert timestamp.isoformat() == "2024-02-29T12:30:00"


def test_a_failed_statement_raises_with_its_reason(connection):
    with connection.cursor() as cursor, pytest.raises(pyathena.error.OperationalError) as raised:
        cursor.execute("SELECT nothing FROM songs")
    assert "COLUMN_NOT_FOUND" in str(raised.value)


def test_a_table_that_is_not_there_is_known_as_such(connection):
    """PyAthena's SQLAlchemy dialect makes NoSuchTableError of what its own pattern finds."""
    with connection.cursor() as cursor:
        assert cursor.get_table_metadata("songs").name == "songs"
        with pytest.raises(pyathena.error.OperationalError) as raised:
            cursor.get_table_metadata("no_such_table")
    error = raised.value.__cause__.response["Error"]
    assert error["Code"] == "MetadataException"
    assert re.match(r"Entity Not Found \(Service: AmazonDataCatalog; ", error["Message"])
    assert PATTERN_METADATA_SERVICE_ERROR.search(error["Message"]).group(1) == "EntityNotFoundException"
