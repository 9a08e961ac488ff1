//! Regular expressions (<https://trino.io/docs/current/functions/regexp.html>).

use super::java_regex::{Pattern, compiled};
use super::string::{text, varchar};
use super::{Call, Function, Lambda, invalid_argument, lambda, scalar};
use crate::error::Error;
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        lambda(
            "regexp_replace(varchar, varchar, function(array(varchar), varchar)) -> varchar",
            replace_by_lambda,
        )
        .returns(varchar),
        scalar("regexp_like(char, varchar) -> boolean", like),
        scalar("regexp_like(char, char) -> boolean", like),
    ];
    // A pattern of char keeps its blanks.
    for pattern in ["varchar", "char"] {
        all.extend([
            scalar(&format!("regexp_like(varchar, {pattern}) -> boolean"), like),
            scalar(
                &format!("regexp_count(varchar, {pattern}) -> bigint"),
                |call, a| {
                    let mut count = 0;
                    pattern_of(call, a)?.each(a[0].as_str(), |_| {
                        count += 1;
                        Ok(true)
                    })?;
                    Ok(Value::Integer(count))
                },
            ),
            scalar(
                &format!("regexp_extract(varchar, {pattern}) -> varchar"),
                |call, a| extract(call, a, 0),
            ),
            scalar(
                &format!("regexp_extract(varchar, {pattern}, bigint) -> varchar"),
                |call, a| extract(call, a, a[2].as_i64()),
            ),
            scalar(
                &format!("regexp_extract_all(varchar, {pattern}) -> array(varchar)"),
                |call, a| extract_all(call, a, 0),
            )
            .returns(array_of_first),
            scalar(
                &format!("regexp_extract_all(varchar, {pattern}, bigint) -> array(varchar)"),
                |call, a| extract_all(call, a, a[2].as_i64()),
            )
            .returns(array_of_first),
            scalar(
                &format!("regexp_split(varchar, {pattern}) -> array(varchar)"),
                split,
            )
            .returns(array_of_first),
            scalar(
                &format!("regexp_position(varchar, {pattern}) -> integer"),
                |call, a| position(call, a, 1, 1),
            ),
            scalar(
                &format!("regexp_position(varchar, {pattern}, bigint) -> integer"),
                |call, a| position(call, a, a[2].as_i64(), 1),
            ),
            scalar(
                &format!("regexp_position(varchar, {pattern}, bigint, bigint) -> integer"),
                |call, a| position(call, a, a[2].as_i64(), a[3].as_i64()),
            ),
            scalar(
                &format!("regexp_replace(varchar, {pattern}) -> varchar"),
                |call, a| replace(call, a, ""),
            ),
            scalar(
                &format!("regexp_replace(varchar, {pattern}, varchar) -> varchar"),
                |call, a| replace(call, a, a[2].as_str()),
            )
            .returns(varchar),
        ]);
    }
    all
}

fn array_of_first(types: &[Type]) -> Type {
    Type::array(types.first().cloned().unwrap_or(Type::VARCHAR))
}

fn pattern_of(call: &Call, a: &[Value]) -> Result<Pattern, Error> {
    compiled(&text(call, a, 1))
}

fn like(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let subject = text(call, a, 0);
    pattern_of(call, a)?.is_match(&subject).map(Value::Boolean)
}

/// A group's number, if the pattern has it.
fn group(pattern: &Pattern, number: i64) -> Result<usize, Error> {
    let groups = pattern.groups();
    if number < 0 {
        return Err(invalid_argument("Group cannot be negative"));
    }
    usize::try_from(number)
        .ok()
        .filter(|n| *n <= groups)
        .ok_or_else(|| {
            invalid_argument(format!(
                "Pattern has {groups} groups. Cannot access group {number}"
            ))
        })
}

fn extract(call: &Call, a: &[Value], number: i64) -> Result<Value, Error> {
    let pattern = pattern_of(call, a)?;
    let group = group(&pattern, number)?;
    let mut found = Value::Null;
    pattern.each(a[0].as_str(), |captures| {
        if let Some(part) = captures.get(group) {
            found = Value::text(part.as_str());
        }
        Ok(false)
    })?;
    Ok(found)
}

fn extract_all(call: &Call, a: &[Value], number: i64) -> Result<Value, Error> {
    let pattern = pattern_of(call, a)?;
    let group = group(&pattern, number)?;
    let mut found = Vec::new();
    pattern.each(a[0].as_str(), |captures| {
        found.push(
            captures
                .get(group)
                .map_or(Value::Null, |m| Value::text(m.as_str())),
        );
        Ok(true)
    })?;
    Ok(Value::array(found))
}

fn split(call: &Call, a: &[Value]) -> Result<Value, Error> {
    let subject = a[0].as_str();
    let (mut parts, mut last) = (Vec::new(), 0);
    pattern_of(call, a)?.each(subject, |captures| {
        if let Some(whole) = captures.get(0) {
            parts.push(Value::text(&subject[last..whole.start()]));
            last = whole.end();
        }
        Ok(true)
    })?;
    parts.push(Value::text(&subject[last..]));
    Ok(Value::array(parts))
}

/// Where an occurrence begins, searched from a character on, or -1.
fn position(call: &Call, a: &[Value], start: i64, occurrence: i64) -> Result<Value, Error> {
    if start < 1 {
        return Err(invalid_argument("start position cannot be smaller than 1"));
    }
    if occurrence < 1 {
        return Err(invalid_argument("occurrence cannot be smaller than 1"));
    }
    let subject = a[0].as_str();
    let skip = usize::try_from(start - 1).unwrap_or(usize::MAX);
    let Some((from, _)) = subject.char_indices().nth(skip) else {
        return Ok(Value::Integer(-1));
    };
    let (mut left, mut found) = (occurrence, -1);
    pattern_of(call, a)?.each_from(subject, from, |captures| {
        left -= 1;
        if left == 0
            && let Some(whole) = captures.get(0)
        {
            found = subject[..whole.start()].chars().count() as i64 + 1;
        }
        Ok(left > 0)
    })?;
    Ok(Value::Integer(found))
}

fn replace(call: &Call, a: &[Value], template: &str) -> Result<Value, Error> {
    let (subject, pattern) = (a[0].as_str(), pattern_of(call, a)?);
    let (mut out, mut last) = (String::new(), 0);
    pattern.each(subject, |captures| {
        if let Some(whole) = captures.get(0) {
            out.push_str(&subject[last..whole.start()]);
            pattern.expand(template, captures, &mut out)?;
            last = whole.end();
        }
        Ok(true)
    })?;
    out.push_str(&subject[last..]);
    Ok(Value::text(out))
}

/// Gives each match's groups to a lambda, those of all rows at once.
fn replace_by_lambda(
    call: &Call,
    rows: &[Vec<Value>],
    lambdas: &[Lambda],
) -> Result<Vec<Value>, Error> {
    let (mut calls, mut places) = (Vec::new(), Vec::new());
    for (i, row) in rows.iter().enumerate() {
        let pattern = pattern_of(call, row)?;
        let mut of_row = Vec::new();
        pattern.each(row[0].as_str(), |captures| {
            let groups = (1..=pattern.groups()).map(|g| {
                captures
                    .get(g)
                    .map_or(Value::Null, |m| Value::text(m.as_str()))
            });
            calls.push((i, vec![Value::array(groups.collect())]));
            of_row.extend(captures.get(0).map(|m| m.start()..m.end()));
            Ok(true)
        })?;
        places.push(of_row);
    }
    let mut results = lambdas[0].call(&calls)?.into_iter();
    Ok(rows
        .iter()
        .zip(places)
        .map(|(row, places)| {
            let subject = row[0].as_str();
            let (mut out, mut last, mut null) = (String::new(), 0, false);
            for (place, replacement) in places.into_iter().zip(results.by_ref()) {
                out.push_str(&subject[last..place.start]);
                out.push_str(replacement.as_str());
                null |= replacement.is_null();
                last = place.end;
            }
            out.push_str(&subject[last..]);
            if null { Value::Null } else { Value::text(out) }
        })
        .collect())
}
