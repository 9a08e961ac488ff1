//! An Avro schema that holds the columns of several files, whose own schemas differ.
//!
//! Source: Apache Hive's wiki, "AvroSerDe": a table has one schema, by which each file's own is
//! resolved; a field that a file lacks needs a default.

use serde_json::{Value, json};

use crate::schema::{Field, Type};

/// The schema of a record with these fields, each of which may be null.
pub(crate) fn literal(columns: &[Field]) -> String {
    let mut records = 0;
    record(columns, &mut records).to_string()
}

/// Records are called by their number, because no two may have one name.
fn record(fields: &[Field], records: &mut usize) -> Value {
    let name = match *records {
        0 => "record".to_owned(),
        number => format!("record_{number}"),
    };
    *records += 1;
    let fields: Vec<Value> = fields
        .iter()
        .map(|field| {
            let data_type = nullable(&field.data_type, records);
            json!({"name": field.name, "type": data_type, "default": null})
        })
        .collect();
    json!({"type": "record", "name": name, "fields": fields})
}

fn nullable(data_type: &Type, records: &mut usize) -> Value {
    json!(["null", schema(data_type, records)])
}

fn schema(data_type: &Type, records: &mut usize) -> Value {
    match data_type {
        Type::Unknown | Type::String | Type::Varchar(_) | Type::Char(_) => json!("string"),
        Type::Boolean => json!("boolean"),
        Type::Tinyint | Type::Smallint | Type::Int | Type::NullInt => json!("int"),
        Type::Bigint => json!("long"),
        Type::Float => json!("float"),
        Type::Double => json!("double"),
        Type::Decimal { precision, scale } => json!({
            "type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale
        }),
        Type::Date => json!({"type": "int", "logicalType": "date"}),
        Type::Timestamp => json!({"type": "long", "logicalType": "timestamp-millis"}),
        Type::Binary => json!("bytes"),
        Type::Array(element) => json!({"type": "array", "items": nullable(element, records)}),
        Type::Map(_, value) => json!({"type": "map", "values": nullable(value, records)}),
        Type::Struct(fields) => record(fields, records),
    }
}
