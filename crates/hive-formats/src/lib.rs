//! What files of Hive's formats say of themselves: the parts of formats that both a crawler, which
//! infers tables from files, and a query, which reads their rows, have to know.

pub mod grok;
pub mod orc;
