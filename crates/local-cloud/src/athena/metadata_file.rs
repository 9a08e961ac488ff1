//! `ID.csv.metadata`: the columns of a result, in the protobuf that Athena's drivers read.
//!
//! Message: 1 the query's id, 4 a column, repeatedly. Column: 1 catalog, 2 schema, 3 table,
//! 4 name, 5 label, 6 type, 7 precision, 8 scale, 9 nullable, 10 case sensitive.

use crate::model::athena::ColumnInfo;

/// Nullable's values are NOT_NULL, NULLABLE, UNKNOWN from 1 on; Athena knows of none.
const UNKNOWN: u64 = 3;

pub(super) fn encode(query_id: &str, columns: &[ColumnInfo]) -> Vec<u8> {
    let mut out = Vec::new();
    bytes(&mut out, 1, query_id.as_bytes());
    for column in columns {
        let mut inner = Vec::new();
        let texts = [
            (1, column.catalog_name.as_deref()),
            (2, column.schema_name.as_deref()),
            (3, column.table_name.as_deref()),
            (4, Some(column.name.as_str())),
            (5, column.label.as_deref()),
            (6, Some(column.r#type.as_str())),
        ];
        for (field, text) in texts {
            // Protobuf leaves out what is empty.
            if let Some(text) = text.filter(|t| !t.is_empty()) {
                bytes(&mut inner, field, text.as_bytes());
            }
        }
        let unsigned = |n: Option<i32>| u64::try_from(n.unwrap_or(0)).unwrap_or(0);
        number(&mut inner, 7, unsigned(column.precision));
        number(&mut inner, 8, unsigned(column.scale));
        number(&mut inner, 9, UNKNOWN);
        number(
            &mut inner,
            10,
            column.case_sensitive.unwrap_or(false).into(),
        );
        bytes(&mut out, 4, &inner);
    }
    out
}

fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_written_as_the_drivers_read_it() {
        let column = ColumnInfo {
            catalog_name: Some("hive".to_owned()),
            name: "n".to_owned(),
            label: Some("n".to_owned()),
            r#type: "bigint".to_owned(),
            precision: Some(19),
            scale: Some(0),
            ..ColumnInfo::default()
        };
        let expected = b"\x0a\x02id\x22\x1c\x0a\x04hive\x22\x01n\x2a\x01n\x32\x06bigint\x38\x13\x40\x00\x48\x03\x50\x00";
        assert_eq!(encode("id", &[column]), expected);
    }
}
