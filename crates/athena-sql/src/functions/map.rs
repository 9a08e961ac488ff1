//! Maps.

use super::cast::cast_value;
use super::{Call, Function, aggregates, invalid_argument, scalar};
use crate::error::Error;
use crate::types::{Type, Value, to_text};

pub fn functions() -> Vec<Function> {
    vec![
        scalar("map() -> map(unknown, unknown)", |_, _| {
            Ok(Value::map(Vec::new()))
        }),
        scalar(
            "map(array(K:comparable), array(V)) -> map(K, V)",
            |call, a| {
                let (keys, values) = (a[0].as_array(), a[1].as_array());
                if keys.len() != values.len() {
                    return Err(invalid_argument(
                        "Key and value arrays must be the same length",
                    ));
                }
                refuse_indeterminate(keys)?;
                unique_keys(
                    keys.iter().cloned().zip(values.iter().cloned()).collect(),
                    call,
                )
            },
        ),
        scalar(
            "map_from_entries(array(row(K:comparable, V))) -> map(K, V)",
            |call, a| {
                let mut entries = Vec::new();
                for entry in a[0].as_array() {
                    if entry.is_null() {
                        return Err(invalid_argument("map entry cannot be null"));
                    }
                    let pair = entry.as_array();
                    refuse_indeterminate(&pair[..1])?;
                    entries.push((pair[0].clone(), pair[1].clone()));
                }
                unique_keys(entries, call)
            },
        ),
        scalar(
            "multimap_from_entries(array(row(K:comparable, V))) -> map(K, array(V))",
            |_, a| {
                let mut entries: Vec<(Value, Vec<Value>)> = Vec::new();
                for entry in a[0].as_array() {
                    if entry.is_null() {
                        return Err(invalid_argument("map entry cannot be null"));
                    }
                    let pair = entry.as_array();
                    if pair[0].is_null() {
                        return Err(invalid_argument("map key cannot be null"));
                    }
                    match entries.iter_mut().find(|(k, _)| k.same(&pair[0])) {
                        Some((_, values)) => values.push(pair[1].clone()),
                        None => entries.push((pair[0].clone(), vec![pair[1].clone()])),
                    }
                }
                Ok(Value::map(
                    entries
                        .into_iter()
                        .map(|(k, v)| (k, Value::array(v)))
                        .collect(),
                ))
            },
        ),
        scalar("map_entries(map(K, V)) -> array(row(K, V))", |_, a| {
            Ok(Value::array(
                a[0].as_map()
                    .iter()
                    .map(|(k, v)| Value::row(vec![k.clone(), v.clone()]))
                    .collect(),
            ))
        }),
        scalar("map_keys(map(K, V)) -> array(K)", |_, a| {
            Ok(Value::array(
                a[0].as_map().iter().map(|(k, _)| k.clone()).collect(),
            ))
        }),
        scalar("map_values(map(K, V)) -> array(V)", |_, a| {
            Ok(Value::array(
                a[0].as_map().iter().map(|(_, v)| v.clone()).collect(),
            ))
        }),
        scalar("cardinality(map(K, V)) -> bigint", |_, a| {
            Ok(Value::Integer(a[0].as_map().len() as i64))
        }),
        scalar("element_at(map(K:comparable, V), K) -> V", |_, a| {
            Ok(find(&a[0], &a[1]).cloned().unwrap_or(Value::Null))
        }),
        scalar("[](map(K:comparable, V), K) -> V", |call, a| {
            find(&a[0], &a[1]).cloned().ok_or_else(|| {
                let key = to_text(&a[1], call.argument(1)).unwrap_or_default();
                invalid_argument(format!("Key not present in map: {key}"))
            })
        }),
        scalar(
            "map_concat(map(K:comparable, V), map(K, V)...) -> map(K, V)",
            |_, a| {
                let mut entries: Vec<(Value, Value)> = Vec::new();
                for (key, value) in a.iter().flat_map(Value::as_map) {
                    match entries.iter_mut().find(|(k, _)| k.same(key)) {
                        Some(entry) => entry.1 = value.clone(),
                        None => entries.push((key.clone(), value.clone())),
                    }
                }
                Ok(Value::map(entries))
            },
        ),
        scalar(
            "array_histogram(array(T:comparable)) -> map(T, bigint)",
            |_, a| {
                let present: Vec<&Value> =
                    a[0].as_array().iter().filter(|v| !v.is_null()).collect();
                let keys = aggregates::distinct(present.iter().copied());
                Ok(Value::map(
                    keys.into_iter()
                        .map(|k| {
                            let n = present.iter().filter(|v| v.same(&k)).count();
                            (k, Value::Integer(n as i64))
                        })
                        .collect(),
                ))
            },
        ),
    ]
}

fn find<'a>(map: &'a Value, key: &Value) -> Option<&'a Value> {
    map.as_map()
        .iter()
        .find(|(k, _)| k.same(key))
        .map(|(_, v)| v)
}

/// Refuses keys that hold a NULL, so that nothing is equal to them.
fn refuse_indeterminate(keys: &[Value]) -> Result<(), Error> {
    let open = |key: &Value| !key.is_null() && key.equals(key).is_none();
    if keys.iter().any(open) {
        return Err(invalid_argument("map key cannot be indeterminate"));
    }
    Ok(())
}

/// A map of entries whose keys must differ and be there.
pub fn unique_keys(entries: Vec<(Value, Value)>, call: &Call) -> Result<Value, Error> {
    let mut seen = std::collections::HashSet::new();
    for (key, _) in &entries {
        if key.is_null() {
            return Err(invalid_argument("map key cannot be null"));
        }
        if !seen.insert(key) {
            let data_type = match &call.result {
                Type::Map(key, _) => (**key).clone(),
                _ => Type::Unknown,
            };
            let text = cast_value(key, &data_type, &Type::VARCHAR)
                .map(|v| v.as_str().to_owned())
                .unwrap_or_default();
            return Err(invalid_argument(format!(
                "Duplicate map keys ({text}) are not allowed"
            )));
        }
    }
    Ok(Value::map(entries))
}
