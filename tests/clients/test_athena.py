"""Athena as boto3 calls it: DDL, partitions, prepared statements, results and their files."""

import pytest

from lake import WEATHER, trust

def test_msck_repair_table_finds_the_partitions(lake):
    for folder in sorted(WEATHER.iterdir()):
        lake.put(f"weather/{folder.name}/seattle.json", (folder / "seattle.json").read_bytes())
    lake.query(
        f"""CREATE EXTERNAL TABLE weather (
            `date` string, precipitation double, temperature struct<max:double,min:double>, wind double, weather string)
        PARTITIONED BY (year int)
        ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
        LOCATION 's3://{lake.data}/weather/'"""
    )
    assert lake.query("SELECT count(*) AS n FROM weather") == [["n"], ["0"]]
    lake.query("MSCK REPAIR TABLE weather")
    assert lake.query("SHOW PARTITIONS weather") == [[f"year={year}"] for year in range(2012, 2016)]
    partitions = lake.glue.get_partitions(DatabaseName=lake.database, TableName="weather", Expression="year > 2013")
    assert sorted(p["Values"] for p in partitions["Partitions"]) == [["2014"], ["2015"]]
    assert lake.query("SELECT year, count(*) AS days FROM weather GROUP BY year ORDER BY year") == [
        ["year", "days"],
        ["2012", "366"],
        ["2013", "365"],
        ["2014", "365"],
        ["2015", "365"],
    ]
    assert lake.query("SELECT temperature.max AS hot FROM weather WHERE year = 2012 AND date = '2012-01-02'") == [
        ["hot"],
        ["10.6"],
    ]


def test_a_partition_that_is_not_asked_for_is_not_read(lake):
    lake.put("t/day=1/a.csv", "1\n" * 1000)
    lake.put("t/day=2/a.csv", "2\n" * 10)
    lake.query(
        f"CREATE EXTERNAL TABLE t (n int) PARTITIONED BY (day int) ROW FORMAT DELIMITED LOCATION 's3://{lake.data}/t/'"
    )
    lake.query(f"ALTER TABLE t ADD PARTITION (day=1) LOCATION 's3://{lake.data}/t/day=1/' PARTITION (day=2)")
    execution = lake.finished(lake.start("SELECT sum(n) FROM t WHERE day = 2"))
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    assert execution["Statistics"]["DataScannedInBytes"] == 20


def test_a_prepared_statement_is_executed_with_values(lake):
    lake.songs_table()
    lake.athena.create_prepared_statement(
        StatementName=f"{lake.name}_since",
        WorkGroup="primary",
        QueryStatement="SELECT title FROM songs WHERE year > ? AND artist = ? ORDER BY id",
    )
    assert lake.query(f"EXECUTE {lake.name}_since USING 1959, 'John Coltrane'") == [
        ["title"],
        ["Giant Steps"],
        ["Naima"],
    ]
    rows = lake.query(f"EXECUTE {lake.name}_since", ExecutionParameters=["1961", "'Herbie Hancock'"])
    assert rows == [["title"], ["Watermelon Man"], ["Maiden Voyage"]]
    lake.athena.delete_prepared_statement(StatementName=f"{lake.name}_since", WorkGroup="primary")
    assert "not found" in lake.failed(f"EXECUTE {lake.name}_since USING 1, 'x'").lower()


def test_parameters_fill_a_statement_without_preparing_it(lake):
    lake.songs_table()
    rows = lake.query("SELECT title FROM songs WHERE year = ? AND seconds < ?", ExecutionParameters=["1959", "300.0"])
    assert rows == [["title"], ["Goodbye, Pork Pie Hat"]]


def test_prepare_in_sql_and_take_it_back(lake):
    lake.songs_table()
    lake.query(f"PREPARE {lake.name}_p FROM SELECT count(*) AS n FROM songs WHERE artist = ?")
    assert lake.query(f"EXECUTE {lake.name}_p USING 'Miles Davis'") == [["n"], ["2"]]
    lake.query(f"DEALLOCATE PREPARE {lake.name}_p")


def test_results_come_in_pages_and_the_header_in_the_first_only(lake):
    lake.songs_table()
    query = lake.start("SELECT id FROM songs ORDER BY id")
    lake.finished(query)
    first = lake.athena.get_query_results(QueryExecutionId=query, MaxResults=3)
    cells = [row["Data"][0]["VarCharValue"] for row in first["ResultSet"]["Rows"]]
    assert cells == ["id", "1", "2"]
    second = lake.athena.get_query_results(QueryExecutionId=query, MaxResults=3, NextToken=first["NextToken"])
    assert [row["Data"][0]["VarCharValue"] for row in second["ResultSet"]["Rows"]] == ["3", "4", "5"]
    column = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0]
    assert (column["Name"], column["Type"], column["Precision"]) == ("id", "bigint", 19)


def test_create_table_as_select_writes_files_that_can_be_read(lake):
    lake.songs_table()
    query = lake.start(
        f"""CREATE TABLE old WITH (format = 'PARQUET', external_location = 's3://{lake.data}/old/')
        AS SELECT title, year FROM songs WHERE year < 1960"""
    )
    execution = lake.finished(query)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    table = lake.glue.get_table(DatabaseName=lake.database, Name="old")["Table"]
    assert [c["Name"] for c in table["StorageDescriptor"]["Columns"]] == ["title", "year"]
    assert lake.query("SELECT count(*) AS n FROM old") == [["n"], ["4"]]
    files = lake.s3.list_objects_v2(Bucket=lake.data, Prefix="old/")["Contents"]
    assert files and all(f["Size"] > 0 for f in files)


def test_an_insert_adds_rows(lake):
    lake.songs_table()
    lake.query(
        f"""CREATE EXTERNAL TABLE kept (title string, year int) STORED AS PARQUET
        LOCATION 's3://{lake.data}/kept/'"""
    )
    lake.query("INSERT INTO kept SELECT title, year FROM songs WHERE year = 1960")
    lake.query("INSERT INTO kept VALUES ('Footprints', 1966)")
    assert lake.query("SELECT title FROM kept ORDER BY year, title") == [
        ["title"],
        ["Giant Steps"],
        ["Naima"],
        ["Footprints"],
    ]


def test_what_a_query_wrote_is_in_its_manifest(lake):
    lake.songs_table()
    query = lake.start(
        """CREATE TABLE by_year WITH (format = 'TEXTFILE', field_delimiter = ',', partitioned_by = ARRAY['year'])
        AS SELECT title, year FROM songs WHERE year < 1961"""
    )
    execution = lake.finished(query)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "CREATE_TABLE_AS_SELECT")
    manifest = execution["Statistics"]["DataManifestLocation"]
    assert manifest == f"s3://{lake.results}/q/{query}-manifest.csv"
    listed = lake.s3.get_object(Bucket=lake.results, Key=f"q/{query}-manifest.csv")["Body"].read().decode().split()
    folder = f"s3://{lake.results}/q/tables/{query}"
    assert [url.rsplit("/", 1)[0] for url in sorted(listed)] == [f"{folder}/year=1959", f"{folder}/year=1960"]
    assert all(url.endswith(".gz") for url in listed)
    results = lake.athena.get_query_results(QueryExecutionId=query)
    assert results["UpdateCount"] == 6
    assert [c["Name"] for c in results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == ["rows"]
    assert lake.query("SELECT count(*) FROM by_year WHERE year = 1960")[1] == ["2"]
    partitions = lake.glue.get_partitions(DatabaseName=lake.database, TableName="by_year")["Partitions"]
    assert sorted(p["Values"] for p in partitions) == [["1959"], ["1960"]]


def test_an_insert_makes_the_partitions_that_it_needs(lake):
    lake.songs_table()
    lake.query(
        f"""CREATE EXTERNAL TABLE kept (title string) PARTITIONED BY (artist string, year int)
        STORED AS PARQUET LOCATION 's3://{lake.data}/kept/'"""
    )
    lake.query(f"ALTER TABLE kept ADD PARTITION (artist='Miles Davis', year=1959) LOCATION 's3://{lake.data}/miles/'")
    lake.query("INSERT INTO kept SELECT title, artist, year FROM songs")
    assert lake.query("SELECT count(*) FROM kept")[1] == ["8"]
    assert lake.query("SELECT title FROM kept WHERE artist = 'Charles Mingus'")[1:] == [["Goodbye, Pork Pie Hat"]]
    assert len(lake.s3.list_objects_v2(Bucket=lake.data, Prefix="miles/")["Contents"]) == 1
    assert ["artist=John Coltrane/year=1960"] in lake.query("SHOW PARTITIONS kept")


def test_unload_writes_where_nothing_is(lake):
    lake.songs_table()
    unload = f"UNLOAD (SELECT title, year FROM songs) TO 's3://{lake.data}/out/' WITH (format = 'JSON')"
    query = lake.start(unload)
    execution = lake.finished(query)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    assert execution["SubstatementType"] == "UNLOAD"
    assert len(lake.s3.list_objects_v2(Bucket=lake.data, Prefix="out/")["Contents"]) == 1
    assert lake.failed(unload).startswith("HIVE_PATH_ALREADY_EXISTS")


def test_a_workgroup_that_enforces_its_settings_says_where_tables_go(lake):
    lake.athena.create_work_group(
        Name=lake.name,
        Configuration={
            "ResultConfiguration": {"OutputLocation": f"s3://{lake.results}/enforced/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    external = f"CREATE TABLE t WITH (external_location = 's3://{lake.data}/t/') AS SELECT 1 AS a"
    assert "enforces a centralized output location" in lake.failed(external, WorkGroup=lake.name)
    lake.query("CREATE TABLE t AS SELECT 1 AS a", WorkGroup=lake.name)
    location = lake.glue.get_table(DatabaseName=lake.database, Name="t")["Table"]["StorageDescriptor"]["Location"]
    assert location.startswith(f"s3://{lake.results}/enforced/tables/")


def test_a_role_that_may_not_write_leaves_nothing_behind(cloud, lake, sts):
    lake.songs_table()
    lake.iam.create_role(
        RoleName=f"{lake.name}-analyst",
        AssumeRolePolicyDocument=trust("ec2.amazonaws.com").replace(
            '{"Service": "ec2.amazonaws.com"}', '{"AWS": "arn:aws:iam::000000000000:root"}'
        ),
    )
    reads = [
        (["athena:*", "glue:Get*"], "*"),
        (["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"], "*"),
        (["s3:PutObject"], f"arn:aws:s3:::{lake.results}/*"),
    ]
    lake.allow("analyst", *reads)
    taken = sts.assume_role(RoleArn=f"arn:aws:iam::000000000000:role/{lake.name}-analyst", RoleSessionName="writing")
    taken = taken["Credentials"]
    athena = cloud.client(
        "athena",
        {
            "aws_access_key_id": taken["AccessKeyId"],
            "aws_secret_access_key": taken["SecretAccessKey"],
            "aws_session_token": taken["SessionToken"],
        },
    )
    copy = f"CREATE TABLE copy WITH (external_location = 's3://{lake.data}/copy/') AS SELECT * FROM songs"
    refused = lake.failed(copy, athena=athena)
    assert "Access Denied when writing to location" in refused and "s3:PutObject" in refused, refused
    lake.allow("analyst", *reads, (["s3:PutObject", "s3:DeleteObject"], f"arn:aws:s3:::{lake.data}/*"))
    refused = lake.failed(copy, athena=athena)
    assert "glue:CreateTable" in refused, refused
    assert "Contents" not in lake.s3.list_objects_v2(Bucket=lake.data, Prefix="copy/")


def test_statements_about_the_catalog_answer_without_a_header(lake):
    lake.songs_table()
    assert lake.query("SHOW TABLES") == [["songs"]]
    assert [lake.database] in lake.query("SHOW DATABASES")
    described = [row[0].split("\t") for row in lake.query("DESCRIBE songs")]
    assert [[word.strip() for word in row[:2]] for row in described][:2] == [["id", "bigint"], ["title", "string"]]


@pytest.mark.parametrize(
    ("sql", "start"),
    [
        ("SELECT titel FROM songs", "COLUMN_NOT_FOUND: line 1:8: Column 'titel' cannot be resolved"),
        ("SELECT * FROM sonks", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog."),
        ("SELECT id + title FROM songs", "TYPE_MISMATCH: line 1:11: "),
        ("SELECT nonsense(id) FROM songs", "FUNCTION_NOT_FOUND: line 1:8: Function 'nonsense' not registered"),
        ("SELECT id FROM songs GROUP BY year", "EXPRESSION_NOT_AGGREGATE: line 1:8: "),
        ("SELECT 1 / 0", "DIVISION_BY_ZERO: Division by zero"),
        ("SELECT CAST('x' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to INT"),
    ],
)
def test_a_wrong_statement_says_where_it_is_wrong(lake, sql, start):
    lake.songs_table()
    execution = lake.finished(lake.start(sql))
    assert execution["Status"]["State"] == "FAILED", execution
    assert execution["Status"]["StateChangeReason"].startswith(start)
    assert execution["Status"]["AthenaError"]["ErrorCategory"] == 2


def test_a_workgroup_that_enforces_its_settings_wins(lake):
    lake.athena.create_work_group(
        Name=lake.name,
        Configuration={
            "ResultConfiguration": {"OutputLocation": f"s3://{lake.results}/enforced/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    execution = lake.finished(lake.start("SELECT 1", WorkGroup=lake.name))
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{lake.results}/enforced/")


def test_the_same_token_starts_one_query(lake):
    token = "a" * 36 + lake.name
    assert lake.start("SELECT 1", ClientRequestToken=token) == lake.start("SELECT 1", ClientRequestToken=token)


def test_a_query_that_is_stopped_is_cancelled(lake):
    ten = "(VALUES 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)"
    tables = ", ".join(f"{ten} t{i} (x{i})" for i in range(10))
    query = lake.start(f"SELECT sum(x0 * x9) FROM {tables}")
    lake.athena.stop_query_execution(QueryExecutionId=query)
    status = lake.finished(query)["Status"]
    assert status["State"] == "CANCELLED", status


def test_a_view_is_read_as_a_table(lake):
    lake.songs_table()
    lake.query("CREATE OR REPLACE VIEW short AS SELECT title, seconds FROM songs WHERE seconds < 300")
    assert lake.query("SELECT count(*) AS n FROM short") == [["n"], ["3"]]
    assert lake.glue.get_table(DatabaseName=lake.database, Name="short")["Table"]["TableType"] == "VIRTUAL_VIEW"
    lake.query("DROP VIEW short")
