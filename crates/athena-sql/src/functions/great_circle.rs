//! `great_circle_distance`: kilometres between two points on the Earth, which is a ball here
//! (<https://trino.io/docs/current/functions/geospatial.html>).

use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::Value;

/// In kilometres.
const EARTH_RADIUS: f64 = 6371.01;

pub fn functions() -> Vec<Function> {
    vec![scalar(
        "great_circle_distance(double, double, double, double) -> double",
        great_circle_distance,
    )]
}

/// Latitude and longitude of one point and of the other, in degrees.
fn great_circle_distance(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let (from, to) = (latitude(&a[0])?, latitude(&a[2])?);
    let apart = longitude(&a[1])? - longitude(&a[3])?;
    let across = to.cos() * apart.sin();
    let along = from.cos() * to.sin() - from.sin() * to.cos() * apart.cos();
    let depth = from.sin() * to.sin() + from.cos() * to.cos() * apart.cos();
    let angle = (across * across + along * along).sqrt().atan2(depth);
    Ok(Value::Double(angle * EARTH_RADIUS))
}

/// In radians.
fn latitude(value: &Value) -> Result<f64, Error> {
    within(value, 90.0).ok_or_else(|| invalid_argument("Latitude must be between -90 and 90"))
}

/// In radians.
fn longitude(value: &Value) -> Result<f64, Error> {
    within(value, 180.0).ok_or_else(|| invalid_argument("Longitude must be between -180 and 180"))
}

fn within(degrees: &Value, most: f64) -> Option<f64> {
    let degrees = degrees.as_f64();
    (degrees.abs() <= most).then(|| degrees.to_radians())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_on_the_globe_is_refused() {
        assert_eq!(latitude(&Value::Double(-90.0)), Ok((-90_f64).to_radians()));
        assert!(latitude(&Value::Double(90.5)).is_err());
        assert!(longitude(&Value::Double(f64::NAN)).is_err());
    }
}
