//! Precedence, places, words and messages.

use super::cursor::Parser;
use super::lexer::Dialect;
use super::{parse_expression, parse_statement};
use crate::ast::{
    AlterTableAction, Arguments, ArithmeticOperator, DataTypeKind, Expression, ExpressionKind,
    PartitionField, QueryBodyKind, RelationKind, RowFormat, SelectItem, SetOperator, Statement,
    StoredAs,
};

fn expression(text: &str) -> Expression {
    parse_expression(text).unwrap_or_else(|error| panic!("{text:.80}: {error}"))
}

fn statement(text: &str) -> Statement {
    parse_statement(text).unwrap_or_else(|error| panic!("{text:.80}: {error}"))
}

fn refusal(text: &str) -> String {
    match parse_statement(text) {
        Ok(_) => panic!("{text:.80} is taken"),
        Err(error) => error.to_string(),
    }
}

/// An expression with every operator's operands in parentheses.
fn shape(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::Identifier(name) => name.value.clone(),
        ExpressionKind::Integer(value) => value.to_string(),
        ExpressionKind::String(value) => format!("'{value}'"),
        ExpressionKind::Negate(value) => format!("(-{})", shape(value)),
        ExpressionKind::Not(value) => format!("(not {})", shape(value)),
        ExpressionKind::And(terms) => format!(
            "({})",
            terms.iter().map(shape).collect::<Vec<_>>().join(" and ")
        ),
        ExpressionKind::Or(terms) => format!(
            "({})",
            terms.iter().map(shape).collect::<Vec<_>>().join(" or ")
        ),
        ExpressionKind::Comparison {
            operator,
            left,
            right,
        } => {
            format!("({} {} {})", shape(left), operator.symbol(), shape(right))
        }
        ExpressionKind::Arithmetic {
            operator,
            left,
            right,
        } => {
            format!("({} {} {})", shape(left), operator.symbol(), shape(right))
        }
        ExpressionKind::AtTimeZone { value, zone } => {
            format!("({} at {})", shape(value), shape(zone))
        }
        ExpressionKind::Subscript { base, index } => format!("{}[{}]", shape(base), shape(index)),
        ExpressionKind::Dereference { base, field } => format!("{}.{}", shape(base), field.value),
        ExpressionKind::Between {
            value,
            lower,
            upper,
            ..
        } => {
            format!(
                "({} between {} {})",
                shape(value),
                shape(lower),
                shape(upper)
            )
        }
        ExpressionKind::FunctionCall(call) => {
            let Arguments::List(arguments) = &call.arguments else {
                return format!("{}(*)", call.name);
            };
            format!(
                "{}({})",
                call.name,
                arguments.iter().map(shape).collect::<Vec<_>>().join(", ")
            )
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn operators_bind_as_in_trino() {
    for (text, expected) in [
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("a || b + c || d", "concat(concat(a, (b + c)), d)"),
        ("-a * b", "((-a) * b)"),
        ("-1 - -1", "(-1 - -1)"),
        ("- - a", "(-(-a))"),
        ("-a AT TIME ZONE 'UTC'", "(-(a at 'UTC'))"),
        ("a + b AT TIME ZONE 'UTC'", "(a + (b at 'UTC'))"),
        ("not a = b and c or d", "(((not (a = b)) and c) or d)"),
        ("a and b and c or d and e", "((a and b and c) or (d and e))"),
        ("a between 1 and 2 and b", "((a between 1 2) and b)"),
        ("a.b[c.d + 1].e", "a.b[(c.d + 1)].e"),
        ("position('a' in b)", "strpos(b, 'a')"),
        ("substring(a from 1 for 2)", "substring(a, 1, 2)"),
        ("((a + b)) * c", "((a + b) * c)"),
    ] {
        assert_eq!(shape(&expression(text)), expected, "{text}");
    }
}

#[test]
fn trim_is_taken_in_all_its_forms() {
    for text in [
        "trim(a)",
        "trim(FROM a)",
        "trim(BOTH FROM a)",
        "trim('x' FROM a)",
        "trim(TRAILING 'x' FROM a)",
        "trim(a, 'x')",
        "trim(leading)",
    ] {
        assert!(
            matches!(expression(text).kind, ExpressionKind::Trim { .. }),
            "{text}"
        );
    }
    assert!(parse_expression("trim(LEADING 'x', a)").is_err());
}

#[test]
fn a_predicate_does_not_follow_a_predicate() {
    assert!(parse_expression("a = b = c").is_err());
    assert!(parse_expression("a is null is null").is_err());
    assert!(parse_expression("(a = b) = c").is_ok());
}

#[test]
fn an_operator_stands_where_its_sign_stands() {
    let sum = expression("foo\n  + 1");
    assert_eq!((sum.position.line, sum.position.column), (2, 3));
    let both = expression("x = 1 AND y");
    assert_eq!((both.position.line, both.position.column), (1, 1));
    let accents = expression("'éé' || x");
    assert_eq!(accents.position.column, 6);
}

#[test]
fn words_that_are_not_reserved_are_names() {
    for text in [
        "SELECT date, time, year, limit, offset, map, row, interval, position, count FROM t",
        "SELECT 1 AS first, 2 last, 3 \"select\"",
        "SELECT x limit LIMIT 1",
        "SELECT * FROM t window WINDOW w AS (PARTITION BY a)",
        "SELECT all FROM tables",
        "SELECT count(all) FROM t",
    ] {
        statement(text);
    }
    assert_eq!(
        refusal("SELECT 1 AS select"),
        "line 1:13: mismatched input 'select'. Expecting: <identifier>"
    );
}

#[test]
fn messages_say_what_was_expected_as_trino_does() {
    for (text, message) in [
        (
            "select * from foo where @what",
            "line 1:25: mismatched input '@'. Expecting: <expression>",
        ),
        (
            "select ",
            "line 1:8: mismatched input '<EOF>'. Expecting: '*', 'ALL', 'DISTINCT', <expression>",
        ),
        (
            "select *\nfrom x\nwhere from",
            "line 3:7: mismatched input 'from'. Expecting: <expression>",
        ),
        (
            "select * from  ",
            "line 1:16: mismatched input '<EOF>'. Expecting: '(', 'LATERAL', 'TABLE', 'UNNEST', <identifier>",
        ),
        (
            "select * from `foo`",
            "line 1:15: backquoted identifiers are not supported; use double quotes to quote identifiers",
        ),
        (
            "select 1x from dual",
            "line 1:8: identifiers must not start with a digit; surround the identifier with double quotes",
        ),
        (
            "select fuu from dual order by fuu order by fuu",
            "line 1:35: mismatched input 'order'. Expecting: '%', '*', '+', ',', '-', '.', '/', 'AND', 'ASC', \
             'AT', 'DESC', 'FETCH', 'LIMIT', 'NULLS', 'OFFSET', 'OR', '[', '||', <EOF>, <predicate>",
        ),
        (
            "select fuu from dual limit 10 order by fuu",
            "line 1:31: mismatched input 'order'. Expecting: <EOF>",
        ),
        (
            "select foo(,1)",
            "line 1:12: mismatched input ','. Expecting: ')', '*', 'ALL', 'DISTINCT', 'ORDER', <expression>",
        ),
        (
            "select foo(DISTINCT)",
            "line 1:20: mismatched input ')'. Expecting: <expression>",
        ),
        (
            "SELECT CAST(a AS decimal()",
            "line 1:26: mismatched input ')'. Expecting: <integer>, <type>",
        ),
        (
            "SELECT X() OVER (ROWS UNBOUNDED) FROM T",
            "line 1:32: mismatched input ')'. Expecting: 'FOLLOWING', 'PRECEDING'",
        ),
        (
            "SELECT a AS z FROM t GROUP BY CUBE (a), ",
            "line 1:41: mismatched input '<EOF>'. Expecting: '(', 'CUBE', 'GROUPING', 'ROLLUP', <expression>",
        ),
        (
            "SELECT \"\" FROM t",
            "line 1:8: Zero-length delimited identifier not allowed",
        ),
        (
            "SELECT extract(week_of_year FROM x)",
            "line 1:8: Invalid EXTRACT field: week_of_year",
        ),
        (
            "SELECT 1; SELECT 2",
            "Only one sql statement is allowed. Got: SELECT 1; SELECT 2",
        ),
    ] {
        assert_eq!(refusal(text), message, "{text}");
    }
}

#[test]
fn what_is_too_deep_or_too_high_is_refused_and_not_crashed_on() {
    let many = 5_000;
    for text in [
        format!("SELECT {}1{}", "(".repeat(many), ")".repeat(many)),
        format!("SELECT 1{}", " + 1".repeat(many)),
        format!("SELECT {}x", "- ".repeat(many)),
        format!("SELECT {}x", "NOT ".repeat(many)),
        format!("SELECT x{}", "[1]".repeat(many)),
        format!("SELECT {}", "CASE WHEN ".repeat(many)),
        format!("{}1", "SELECT * FROM (".repeat(many)),
        format!("SELECT CAST(1 AS {}", "row(a ".repeat(many)),
        format!("CREATE EXTERNAL TABLE t (a {}", "array<".repeat(many)),
        "EXPLAIN ".repeat(many),
    ] {
        assert_eq!(
            refusal(&text),
            "line 1:1: statement is too large (stack overflow while parsing)"
        );
    }
    statement(&format!("SELECT 1 = 1{}", " OR 1 = 1".repeat(many)));
    statement(&format!("SELECT {}1{}", "f(".repeat(200), ")".repeat(200)));
}

#[test]
fn a_parenthesis_holds_a_query_a_row_or_an_expression() {
    assert!(matches!(
        expression("((SELECT 1) UNION (SELECT 2))").kind,
        ExpressionKind::Subquery(_)
    ));
    assert!(matches!(
        expression("((SELECT 1))").kind,
        ExpressionKind::Subquery(_)
    ));
    assert!(matches!(
        expression("((SELECT 1) + 1)").kind,
        ExpressionKind::Arithmetic {
            operator: ArithmeticOperator::Add,
            ..
        }
    ));
    assert!(matches!(
        expression("((SELECT 1), 2)").kind,
        ExpressionKind::Row(_)
    ));
    assert!(matches!(
        expression("(x, y) -> x + y").kind,
        ExpressionKind::Lambda { .. }
    ));
    assert!(matches!(
        expression("a IN (SELECT 1)").kind,
        ExpressionKind::InSubquery { .. }
    ));
    assert!(matches!(
        expression("a IN ((SELECT 1), 2)").kind,
        ExpressionKind::InList { .. }
    ));
}

#[test]
fn literals_keep_their_values() {
    assert_eq!(
        expression("'it''s'").kind,
        ExpressionKind::String("it's".to_owned())
    );
    assert_eq!(
        expression(r"U&'\2603 \+01F600 \\'").kind,
        ExpressionKind::String("☃ 😀 \\".to_owned())
    );
    assert_eq!(
        expression("X'0aF F'").kind,
        ExpressionKind::Binary(vec![0x0a, 0xff])
    );
    assert_eq!(
        expression("-9223372036854775808").kind,
        ExpressionKind::Integer(i64::MIN)
    );
    assert_eq!(expression("0x1F").kind, ExpressionKind::Integer(31));
    assert_eq!(expression("1_000").kind, ExpressionKind::Integer(1000));
    assert_eq!(
        expression("123.").kind,
        ExpressionKind::Decimal("123.".to_owned())
    );
    assert_eq!(
        expression("-.5").kind,
        ExpressionKind::Decimal("-.5".to_owned())
    );
    assert_eq!(expression("1.5E-1").kind, ExpressionKind::Double(0.15));
    assert!(matches!(
        expression("DOUBLE PRECISION '1'").kind,
        ExpressionKind::TypedLiteral { .. }
    ));
}

#[test]
fn a_row_types_fields_have_names_or_none() {
    let text = "row(bigint, x row(y double precision, timestamp(3) with time zone), date date)";
    let data_type = Parser::new(text, Dialect::Trino).data_type();
    let Ok(DataTypeKind::Row(fields)) = data_type.map(|data_type| data_type.kind) else {
        panic!("a row type is parsed");
    };
    let names: Vec<_> = fields
        .iter()
        .map(|field| field.name.as_ref().map(|name| name.value.as_str()))
        .collect();
    assert_eq!(names, [None, Some("x"), Some("date")]);
}

#[test]
fn intersect_binds_more_tightly_than_union() {
    let Statement::Query(query) =
        statement("SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3 UNION ALL SELECT 4")
    else {
        panic!("a query is parsed");
    };
    let QueryBodyKind::SetOperation {
        operator,
        distinct,
        terms,
    } = query.body.kind
    else {
        panic!("a set operation is parsed");
    };
    assert_eq!(
        (operator, distinct, terms.len()),
        (SetOperator::Union, false, 3)
    );
}

#[test]
fn a_join_without_criteria_yet_reaches_to_the_right() {
    let Statement::Query(query) = statement("SELECT t.* FROM t JOIN u JOIN v ON true ON false")
    else {
        panic!("a query is parsed");
    };
    let QueryBodyKind::Specification(specification) = query.body.kind else {
        panic!("a specification is parsed");
    };
    assert!(matches!(
        specification.select[..],
        [SelectItem::All {
            target: Some(_),
            ..
        }]
    ));
    let RelationKind::Join { right, .. } = &specification.from[0].kind else {
        panic!("a join is parsed");
    };
    assert!(matches!(right.kind, RelationKind::Join { .. }));
}

#[test]
fn hives_create_table_is_taken_with_its_clauses_strings_and_types() {
    let Statement::CreateTable(table) = statement(
        r"CREATE EXTERNAL TABLE IF NOT EXISTS `db`.logs (
            `Date` date COMMENT 'the \'day\'', request struct<`Path`:string, date: date, tags:array<map<string,INT>>>, price DECIMAL(10, 2))
          PARTITIONED BY (year string, month int)
          ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' NULL DEFINED AS ''
          STORED AS TEXTFILE
          LOCATION 's3://bucket/logs/'
          TBLPROPERTIES ('skip.header.line.count'='1', 'separator'='\001');",
    ) else {
        panic!("a table is parsed");
    };
    assert_eq!(table.name.to_string(), "db.logs");
    assert_eq!(table.columns[0].comment.as_deref(), Some("the 'day'"));
    assert_eq!(
        table.columns[1].data_type.text,
        "struct<path:string,date:date,tags:array<map<string,int>>>"
    );
    assert_eq!(table.columns[2].data_type.text, "decimal(10,2)");
    assert!(matches!(
        &table.partitioned_by[..],
        [PartitionField::Column(_), PartitionField::Column(_)]
    ));
    let Some(RowFormat::Delimited(delimited)) = &table.row_format else {
        panic!("a delimited row format is parsed");
    };
    assert_eq!(delimited.fields.as_deref(), Some("\t"));
    assert_eq!(delimited.escaped_by.as_deref(), Some("\\"));
    assert_eq!(delimited.lines.as_deref(), Some("\n"));
    assert!(matches!(&table.stored_as, Some(StoredAs::Format { name, .. }) if name == "TEXTFILE"));
    assert_eq!(
        table.properties[1],
        ("separator".to_owned(), "\u{1}".to_owned())
    );
}

#[test]
fn a_create_table_with_a_query_is_trinos() {
    assert!(matches!(
        statement("CREATE TABLE \"new\" WITH (format = 'PARQUET', partitioned_by = ARRAY['a']) AS SELECT 1 x WITH NO DATA"),
        Statement::CreateTableAsSelect(create) if !create.with_data && create.properties.len() == 2
    ));
    assert!(matches!(
        statement("CREATE TABLE t (a int) STORED AS PARQUET LOCATION 's3://b/'"),
        Statement::CreateTable(create) if !create.external
    ));
}

#[test]
fn partitions_are_altered() {
    let Statement::AlterTable(alter) = statement(
        "ALTER TABLE t ADD IF NOT EXISTS PARTITION (a = 'x', b = 1) LOCATION 's3://b/1/' PARTITION (a='y', b=2)",
    ) else {
        panic!("an ALTER TABLE is parsed");
    };
    let AlterTableAction::AddPartitions {
        if_not_exists: true,
        partitions,
    } = alter.action
    else {
        panic!("partitions are added");
    };
    assert_eq!(partitions[0].spec[1].1, "1");
    assert_eq!(partitions[1].location, None);
    statement("ALTER TABLE t DROP IF EXISTS PARTITION (a >= '1'), PARTITION (a = '0')");
    statement("ALTER TABLE t PARTITION (a = '1') RENAME TO PARTITION (a = '2')");
    statement("ALTER TABLE t PARTITION (a = '1') SET LOCATION 's3://b/'");
    statement("ALTER TABLE t SET TBLPROPERTIES ('a' = 'b')");
    statement("ALTER TABLE t REPLACE COLUMNS (a int, b string)");
}

#[test]
fn a_view_and_a_prepared_statement_keep_their_text() {
    assert!(matches!(
        statement("CREATE OR REPLACE VIEW v AS SELECT  1 AS a;"),
        Statement::CreateView(view) if view.or_replace && view.text == "SELECT  1 AS a"
    ));
    assert!(matches!(
        statement("PREPARE p FROM SELECT ? "),
        Statement::Prepare { text, .. } if text == "SELECT ?"
    ));
}

#[test]
fn every_parameter_has_its_number() {
    let Statement::Query(query) = statement("SELECT ? FROM t WHERE a = ? LIMIT ?") else {
        panic!("a query is parsed");
    };
    assert!(format!("{query:?}").contains("Parameter(2)"));
}
