//! CURRENT_DATE, CURRENT_TIMESTAMP and the like: the statement's time.

use super::{Analyzer, Typed, error_at, literal};
use crate::ast::{self, Position};
use crate::error::Error;
use crate::types::zone::{DAY, Zone};
use crate::types::{Type, Value};

impl Analyzer<'_> {
    pub(super) fn current_time(
        &mut self,
        function: ast::CurrentTimeFunction,
        precision: Option<u32>,
        position: Position,
    ) -> Result<Typed, Error> {
        use ast::CurrentTimeFunction as F;
        let p = precision.unwrap_or(3);
        let Some(p) = u8::try_from(p).ok().filter(|p| *p <= 12) else {
            return Err(error_at(
                position,
                "INVALID_TYPE_DEFINITION",
                format!("Invalid precision: {p}"),
            ));
        };
        let now = self.now(p);
        match function {
            F::Date => literal::typed(Value::Date(now.div_euclid(DAY) as i32), Type::Date),
            F::Time => literal::typed(
                Value::TimeTz(now.rem_euclid(DAY) as i64, 0),
                Type::TimeTz(p),
            ),
            F::Timestamp => {
                literal::typed(Value::TimestampTz(now, Zone::UTC), Type::TimestampTz(p))
            }
            F::LocalTime => literal::typed(Value::Time(now.rem_euclid(DAY) as i64), Type::Time(p)),
            F::LocalTimestamp => literal::typed(Value::Timestamp(now), Type::Timestamp(p)),
        }
    }

    /// The statement's time in picoseconds, cut to a precision.
    pub(super) fn now(&self, precision: u8) -> i128 {
        let now = &self.session.now;
        let picos = i128::from(now.timestamp()) * 1_000_000_000_000
            + i128::from(now.timestamp_subsec_nanos()) * 1000;
        let unit = 10_i128.pow(u32::from(12 - precision));
        picos.div_euclid(unit) * unit
    }
}
