//! Pictures: how numbers and points in time are written, after XPath's `fn:format-number`,
//! `fn:format-integer` and `fn:format-dateTime`.

pub(super) mod calendar;
pub(super) mod date_time;
pub(super) mod decimal;
pub(super) mod integer;
pub(super) mod words;
