"""A stack of each kind that moto can make and take away."""

PASS = """
{"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": "${Word}", "End": true}}}
"""

LAKE = """
[buckets.data]
tags = { what = "films" }

[buckets.results]
expire_after_days = 7

[uploads.people]
from = "people.csv"
to = "s3://${buckets.data}/people/"

[databases.lake]
description = "all of it"
parameters = { owner = "us" }

[tables.people]
database = "${databases.lake}"
location = "s3://${buckets.data}/people/"
format = "csv"
columns = [{ name = "id", type = "bigint" }, { name = "name", type = "string" }]

[crawlers.people]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/people/"]
schedule = "cron(0 3 * * ? *)"

[policies.read]
document = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "*" }] }

[roles.crawler]
trust = ["glue.amazonaws.com"]
managed = ["arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole", "${policies.read.arn}"]
inline = { data = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] } }

[crawlers.own]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/own/"]
role = "${roles.crawler}"

[workgroups.main]
results = "s3://${buckets.results}/athena/"
bytes_scanned_cutoff = 10_000_000

[state_machines.pass]
definition = "pass.json"
substitutions = { Word = "done" }

[schedules.nightly]
schedule = "cron(0 5 * * ? *)"
state_machine = "${state_machines.pass}"
"""

# Athena's, which moto makes and lists, but neither changes nor deletes.
KEPT = """
[databases.lake]

[workgroups.main]

[queries.one]
description = "a number"
database = "${databases.lake}"
workgroup = "${workgroups.main}"
sql = "SELECT 1"

[prepared_statements.one]
description = "any number"
workgroup = "${workgroups.main}"
sql = "SELECT ?"
"""

FILES = {"people_csv": "id,name\n1,one\n2,two\n", "pass_json": PASS}
