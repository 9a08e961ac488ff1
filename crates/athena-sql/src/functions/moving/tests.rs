//! Frames that move on give what each gives alone.

use std::ops::Range;

use super::*;
use crate::functions::resolve::Argument;
use crate::functions::{Kind, Registry};
use crate::types::{Type, array_from_values};

/// Numbers that only look random, from 0 to below a limit.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// A value of a type, of which few differ, or NULL.
    fn value(&mut self, data_type: &Type) -> Value {
        if self.below(5) == 0 {
            return Value::Null;
        }
        let n = self.below(9) as i64 - 3;
        match data_type {
            Type::Boolean => Value::Boolean(n > 0),
            Type::Real => Value::Real(n as f32 / 4.0),
            Type::Double => Value::Double(n as f64 / 7.0),
            Type::Decimal(..) => Value::Decimal(i128::from(n) * 1_001),
            Type::Varchar(_) => Value::text(n.to_string()),
            Type::IntervalDay => Value::IntervalDay(n * 1_000),
            Type::IntervalYear => Value::IntervalYear(n as i32),
            _ => Value::Integer(n),
        }
    }

    /// Frames, none of which starts or ends before the one before it.
    fn frames(&mut self, rows: usize, grows: bool) -> Vec<Range<usize>> {
        let (mut start, mut end) = (0, 0);
        let mut frames = Vec::new();
        while end < rows || start < rows {
            end = (end + self.below(4) as usize).min(rows);
            if !grows {
                start = (start + self.below(4) as usize).min(end);
            } else if end == rows {
                start = rows;
            }
            frames.push(if grows { 0..end } else { start..end });
        }
        frames
    }
}

fn aggregate(name: &str, arguments: &[Type]) -> Aggregate {
    let given: Vec<Argument> = arguments.iter().cloned().map(Argument::Value).collect();
    let bound = Registry::get()
        .resolve(name, &given, &mut |_, _| Err(Error::internal("no lambda")))
        .unwrap();
    assert!(matches!(bound.function.kind, Kind::Aggregate(_)), "{name}");
    Aggregate::new(bound.function, bound.arguments, bound.result)
}

fn columns(aggregate: &Aggregate, rows: &[Vec<Value>]) -> Vec<ArrayRef> {
    let types = aggregate.arguments.iter().enumerate();
    types
        .map(|(column, data_type)| {
            let values: Vec<Value> = rows.iter().map(|row| row[column].clone()).collect();
            array_from_values(data_type, &values)
        })
        .collect()
}

/// The value of each frame, as windows ask for them: rows come before others leave.
fn moved(aggregate: &Aggregate, rows: &[Vec<Value>], frames: &[Range<usize>]) -> Vec<Value> {
    let grows = frames.iter().all(|frame| frame.start == 0);
    let mut accumulator = if grows {
        InFrames::growing(aggregate)
    } else {
        InFrames::sliding(aggregate)
    };
    let mut last = 0..0;
    let mut values = Vec::new();
    for frame in frames {
        let come = columns(aggregate, &rows[last.end..frame.end]);
        accumulator.update_batch(&come).unwrap();
        if frame.start > last.start {
            let gone = columns(aggregate, &rows[last.start..frame.start]);
            accumulator.retract_batch(&gone).unwrap();
        }
        last = frame.clone();
        let array = accumulator.evaluate().unwrap().to_array().unwrap();
        values.push(value_at(&array, &aggregate.result, 0));
    }
    values
}

/// Whether values are the same, but for the last digits of floating-point numbers.
fn agree(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Double(_) | Value::Real(_), Value::Double(_) | Value::Real(_)) => {
            let (a, b) = (a.as_f64(), b.as_f64());
            let near = (a - b).abs() <= 1e-6 * (1.0 + a.abs());
            near || (!a.is_finite() && !b.is_finite())
        }
        (a, b) => a.same(b),
    }
}

fn check(aggregate: &Aggregate, rows: &[Vec<Value>], frames: &[Range<usize>]) {
    let name = &aggregate.function.signature.name;
    let values = moved(aggregate, rows, frames);
    for (frame, value) in frames.iter().zip(values) {
        let alone = aggregate.finish(&rows[frame.clone()]).unwrap();
        assert!(
            agree(&value, &alone),
            "{name} of {:?}: {value:?}, alone {alone:?}",
            &rows[frame.clone()]
        );
    }
}

#[test]
fn each_frame_gives_what_its_rows_alone_give() {
    let decimal = Type::Decimal(20, 2);
    let (bigint, double, boolean) = (Type::Bigint, Type::Double, Type::Boolean);
    let calls: Vec<(&str, Vec<Type>)> = [
        ("sum", double.clone()),
        ("sum", Type::Real),
        ("sum", Type::IntervalDay),
        ("sum", Type::IntervalYear),
        ("avg", bigint.clone()),
        ("avg", double.clone()),
        ("avg", Type::Real),
        ("avg", decimal.clone()),
        ("avg", Type::IntervalDay),
        ("min", double.clone()),
        ("max", decimal.clone()),
        ("arbitrary", bigint.clone()),
        ("bool_and", boolean.clone()),
        ("every", boolean.clone()),
        ("bool_or", boolean),
        ("array_agg", bigint.clone()),
        ("set_agg", Type::VARCHAR),
        ("histogram", bigint.clone()),
        ("approx_distinct", Type::VARCHAR),
        ("geometric_mean", double.clone()),
        ("stddev", double.clone()),
        ("stddev_samp", double.clone()),
        ("stddev_pop", double.clone()),
        ("variance", double.clone()),
        ("var_samp", double.clone()),
        ("var_pop", double.clone()),
        ("bitwise_and_agg", bigint.clone()),
        ("bitwise_or_agg", bigint.clone()),
        ("bitwise_xor_agg", bigint.clone()),
        ("checksum", bigint.clone()),
    ]
    .into_iter()
    .map(|(name, argument)| (name, vec![argument]))
    .chain(
        ["min_by", "max_by", "map_agg", "multimap_agg"]
            .map(|name| (name, vec![bigint.clone(), decimal.clone()])),
    )
    .chain(["covar_samp", "covar_pop"].map(|name| (name, vec![double.clone(), double.clone()])))
    .collect();
    let mut numbers = Numbers(1);
    for (name, arguments) in calls {
        let aggregate = aggregate(name, &arguments);
        for length in [0, 1, 40] {
            let rows: Vec<Vec<Value>> = (0..length)
                .map(|_| arguments.iter().map(|a| numbers.value(a)).collect())
                .collect();
            for grows in [true, false] {
                let frames = numbers.frames(length, grows);
                check(&aggregate, &rows, &frames);
            }
        }
    }
}

/// Rows of some values and what they ask for.
fn asking(numbers: &mut Numbers, types: &[Type], wanted: &Value) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for _ in 0..60 {
        let mut row: Vec<Value> = types.iter().map(|t| numbers.value(t)).collect();
        row.push(wanted.clone());
        rows.push(row);
    }
    rows
}

#[test]
fn several_extremes_and_percentiles_of_each_frame_are_those_of_its_rows() {
    let (bigint, double) = (Type::Bigint, Type::Double);
    let mut numbers = Numbers(2);
    let parts = Value::array([0.0, 0.1, 0.5, 0.9, 1.0].map(Value::Double).to_vec());
    let calls = [
        (
            "min",
            vec![double.clone()],
            bigint.clone(),
            Value::Integer(3),
        ),
        (
            "max",
            vec![double.clone()],
            bigint.clone(),
            Value::Integer(2),
        ),
        (
            "min_by",
            vec![bigint.clone(), double.clone()],
            bigint.clone(),
            Value::Integer(4),
        ),
        (
            "max_by",
            vec![bigint.clone(), double.clone()],
            bigint.clone(),
            Value::Integer(1),
        ),
        (
            "approx_percentile",
            vec![bigint.clone()],
            double.clone(),
            Value::Double(0.3),
        ),
        (
            "approx_percentile",
            vec![double.clone()],
            Type::array(double),
            parts,
        ),
    ];
    for (name, types, asks, wanted) in calls {
        let arguments: Vec<Type> = types.iter().cloned().chain([asks]).collect();
        let aggregate = aggregate(name, &arguments);
        let rows = asking(&mut numbers, &types, &wanted);
        for grows in [true, false] {
            let frames = numbers.frames(rows.len(), grows);
            check(&aggregate, &rows, &frames);
        }
    }
}

#[test]
fn the_most_frequent_of_each_frame_are_those_of_its_rows() {
    let types = [Type::Bigint, Type::Bigint, Type::Bigint];
    let aggregate = aggregate("approx_most_frequent", &types);
    let mut numbers = Numbers(3);
    let mut row = || {
        let value = numbers.value(&Type::Bigint);
        vec![Value::Integer(2), value, Value::Integer(10)]
    };
    let rows: Vec<Vec<Value>> = (0..60).map(|_| row()).collect();
    for grows in [true, false] {
        check(&aggregate, &rows, &Numbers(4).frames(rows.len(), grows));
    }
}

#[test]
fn a_percentile_heeds_weights_and_refuses_what_is_none_while_it_is_in_the_frame() {
    let aggregate = aggregate(
        "approx_percentile",
        &[Type::Double, Type::Double, Type::Double],
    );
    let row = |value: f64, weight: f64| [value, weight, 0.5].map(Value::Double).to_vec();
    let rows = [row(1.0, 1.0), row(2.0, 5.0), row(3.0, 0.0), row(4.0, 2.0)];
    let mut accumulator = InFrames::sliding(&aggregate);
    accumulator
        .update_batch(&columns(&aggregate, &rows[..2]))
        .unwrap();
    let found = accumulator.evaluate().unwrap();
    assert_eq!(found, ScalarValue::Float64(Some(2.0)));
    accumulator
        .update_batch(&columns(&aggregate, &rows[2..]))
        .unwrap();
    let error = accumulator.evaluate().unwrap_err().to_string();
    assert!(error.contains("percentile weight must be > 0"), "{error}");
    accumulator
        .retract_batch(&columns(&aggregate, &rows[..3]))
        .unwrap();
    let found = accumulator.evaluate().unwrap();
    assert_eq!(found, ScalarValue::Float64(Some(4.0)));
}

#[test]
fn a_great_number_leaves_nothing_behind() {
    let rows: Vec<Vec<Value>> = [1e300, f64::INFINITY, 1.0, 2.0, 4.0]
        .map(|x| vec![Value::Double(x)])
        .to_vec();
    let frames = [0..1, 0..2, 1..3, 2..4, 3..5];
    for (name, expected) in [
        ("sum", 6.0),
        ("avg", 3.0),
        ("var_pop", 1.0),
        ("stddev_pop", 1.0),
    ] {
        let aggregate = aggregate(name, &[Type::Double]);
        let last = moved(&aggregate, &rows, &frames).pop();
        assert_eq!(last, Some(Value::Double(expected)), "{name}");
    }
}
