//! The rows of Parquet files, for the `ItemReader` of a distributed Map.
//!
//! Which form AWS gives dates and times is not in its guide; here they are texts of ISO 8601, and
//! bytes are in base64.

use asl::{Rows, TaskError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, NaiveTime, SecondsFormat};
use futures::StreamExt as _;
use parquet::data_type::Decimal;
use parquet::errors::ParquetError;
use parquet::file::reader::SerializedFileReader;
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use serde_json::{Number, Value};
use tokio::sync::mpsc;

/// How many rows are read ahead.
const AHEAD: usize = 1_000;

/// The rows of a file, read as they are asked for.
pub(super) fn rows(file: Bytes) -> Rows {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read(file, &sender) {
            // Nobody to tell it to is nobody who reads on.
            let _ = sender.blocking_send(Err(failed(&error)));
        }
    });
    futures::stream::unfold(receiver, async |mut receiver| {
        let row = receiver.recv().await?;
        Some((row, receiver))
    })
    .boxed()
}

fn failed(error: &ParquetError) -> TaskError {
    TaskError {
        error: "States.ItemReaderFailed".to_owned(),
        cause: format!(
            "Attempting to read the items failed: the file is not valid Parquet: {error}"
        ),
    }
}

fn read(file: Bytes, sender: &mpsc::Sender<Result<Value, TaskError>>) -> Result<(), ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    for row in RowIter::from_file_into(Box::new(reader)) {
        if sender.blocking_send(Ok(object(&row?))).is_err() {
            break;
        }
    }
    Ok(())
}

fn object(row: &Row) -> Value {
    let columns = row.get_column_iter();
    columns
        .map(|(name, field)| (name.clone(), value(field)))
        .collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::from(*value),
        Field::Byte(number) => Value::from(*number),
        Field::Short(number) => Value::from(*number),
        Field::Int(number) => Value::from(*number),
        Field::Long(number) => Value::from(*number),
        Field::UByte(number) => Value::from(*number),
        Field::UShort(number) => Value::from(*number),
        Field::UInt(number) => Value::from(*number),
        Field::ULong(number) => Value::from(*number),
        Field::Float16(number) => Value::from(f64::from(*number)),
        // The shortest number that is this one, and not the double next to it.
        Field::Float(number) => number
            .to_string()
            .parse::<Number>()
            .map_or(Value::Null, Value::Number),
        Field::Double(number) => Value::from(*number),
        Field::Decimal(number) => decimal(number),
        Field::Str(text) => Value::from(text.as_str()),
        Field::Bytes(bytes) => Value::from(STANDARD.encode(bytes.data())),
        Field::Date(days) => moment(i64::from(*days) * 86_400_000_000, "%Y-%m-%d"),
        Field::TimeMillis(millis) => time(i64::from(*millis) * 1_000),
        Field::TimeMicros(micros) => time(*micros),
        Field::TimestampMillis(millis) => timestamp(millis.saturating_mul(1_000)),
        Field::TimestampMicros(micros) => timestamp(*micros),
        Field::Group(row) => object(row),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::MapInternal(map) => map.entries().iter().map(entry).collect(),
    }
}

/// A member of an object, whose name is a text.
fn entry((key, field): &(Field, Field)) -> (String, Value) {
    let name = match value(key) {
        Value::String(name) => name,
        other => other.to_string(),
    };
    (name, value(field))
}

fn moment(micros: i64, format: &str) -> Value {
    match DateTime::from_timestamp_micros(micros) {
        Some(moment) => Value::from(moment.format(format).to_string()),
        None => Value::Null,
    }
}

fn timestamp(micros: i64) -> Value {
    match DateTime::from_timestamp_micros(micros) {
        Some(moment) => Value::from(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        None => Value::Null,
    }
}

fn time(micros: i64) -> Value {
    let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let time = u32::try_from(seconds).ok().and_then(|seconds| {
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, micros as u32 * 1_000)
    });
    time.map_or(Value::Null, |time| Value::from(time.to_string()))
}

/// A decimal as a number with all its digits as far as a double has room for them.
fn decimal(number: &Decimal) -> Value {
    // Big-endian two's complement; 38 digits fit into 16 bytes.
    let negative = number.data().first().is_some_and(|byte| byte & 0x80 != 0);
    let mut unscaled: i128 = if negative { -1 } else { 0 };
    for byte in number.data() {
        unscaled = (unscaled << 8) | i128::from(*byte);
    }
    let text = format!("{unscaled}e-{}", number.scale().max(0));
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use serde_json::json;

    use super::*;

    fn file() -> Bytes {
        let schema = "message films { required binary title (UTF8); optional int32 day (DATE);
            required int32 price (DECIMAL(9, 2)); required int64 at (TIMESTAMP_MICROS); }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut out = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let titles = [ByteArray::from("M"), ByteArray::from("Metropolis")];
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&titles, None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int32Type>()
            .write_batch(&[1], Some(&[1, 0]), None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int32Type>()
            .write_batch(&[-150, 25], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[0, 1_500_000], None, None)
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        Bytes::from(out)
    }

    #[tokio::test]
    async fn rows_are_objects() {
        let rows: Vec<Value> = rows(file()).map(Result::unwrap).collect().await;
        assert_eq!(
            rows,
            [
                json!({"title": "M", "day": "1970-01-02", "price": -1.5, "at": "1970-01-01T00:00:00Z"}),
                json!({"title": "Metropolis", "day": null, "price": 0.25, "at": "1970-01-01T00:00:01.500Z"}),
            ]
        );
    }

    #[tokio::test]
    async fn what_is_no_parquet_is_refused_and_who_stops_reading_stops_it() {
        let mut broken = rows(Bytes::from_static(b"id,title\n"));
        let error = broken.next().await.unwrap().unwrap_err();
        assert_eq!(error.error, "States.ItemReaderFailed");
        assert!(broken.next().await.is_none());
        drop(rows(file()));
    }
}
