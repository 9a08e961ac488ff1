//! The columns of a table that is there, when a crawl has looked at its data again.

use std::collections::{HashMap, HashSet};

use crate::Column;

fn folded(column: &Column) -> String {
    column.name.to_lowercase()
}

/// Columns that are there, in their order and by their names, and the new ones behind them.
pub fn merged_columns(old: &[Column], found: &[Column], only_adds: bool) -> Vec<Column> {
    let now: HashMap<String, &Column> = found.iter().map(|one| (folded(one), one)).collect();
    let there: HashSet<String> = old.iter().map(folded).collect();
    let kept = old.iter().filter_map(|column| {
        if only_adds {
            return Some(column.clone());
        }
        let now = now.get(&folded(column))?;
        Some(Column {
            name: column.name.clone(),
            data_type: now.data_type.clone(),
        })
    });
    let new = found.iter().filter(|one| !there.contains(&folded(one)));
    kept.chain(new.cloned()).collect()
}

/// The columns of the data in its order, by which their values are found. Those that are there are
/// spelled as they were.
pub(super) fn in_order_of_data(old: &[Column], found: &[Column]) -> Vec<Column> {
    let there: HashMap<String, &Column> = old.iter().map(|one| (folded(one), one)).collect();
    let spelled = |column: &Column| Column {
        name: there
            .get(&folded(column))
            .map_or_else(|| column.name.clone(), |old| old.name.clone()),
        data_type: column.data_type.clone(),
    };
    found.iter().map(spelled).collect()
}

/// The first column of the data in whose place a table has another, and that one. A name that was
/// made up says nothing.
pub(super) fn first_misplaced<'a>(
    of_data: &'a [Column],
    of_table: &'a [Column],
) -> Option<(&'a Column, &'a Column)> {
    let mut pairs = of_data.iter().zip(of_table).enumerate();
    let is_other = |(place, (of_data, of_table)): &(usize, (&Column, &Column))| {
        of_data.name != format!("col{place}") && folded(of_data) != folded(of_table)
    };
    pairs.find(is_other).map(|(_, pair)| pair)
}

pub(super) fn have_same_names(one: &[Column], other: &[Column]) -> bool {
    one.len() == other.len() && one.iter().map(folded).eq(other.iter().map(folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(columns: &[(&str, &str)]) -> Vec<Column> {
        columns
            .iter()
            .map(|(name, data_type)| Column {
                name: (*name).to_owned(),
                data_type: (*data_type).to_owned(),
            })
            .collect()
    }

    fn shown(columns: &[Column]) -> Vec<String> {
        columns
            .iter()
            .map(|column| format!("{} {}", column.name, column.data_type))
            .collect()
    }

    #[test]
    fn new_columns_go_last() {
        let old = columns(&[("b", "int"), ("a", "string"), ("gone", "int")]);
        let now = columns(&[("a", "string"), ("B", "bigint"), ("c", "double")]);
        let merged = merged_columns(&old, &now, false);
        assert_eq!(shown(&merged), ["b bigint", "a string", "c double"]);
        let added = merged_columns(&old, &now, true);
        assert_eq!(shown(&added), ["b int", "a string", "gone int", "c double"]);
        let placed = in_order_of_data(&old, &now);
        assert_eq!(shown(&placed), ["a string", "b bigint", "c double"]);
    }

    #[test]
    fn a_column_in_the_place_of_another_is_found_unless_its_name_is_made_up() {
        let table = columns(&[("id", "int"), ("Name", "string")]);
        let first = |names: &[&str]| {
            let names: Vec<(&str, &str)> = names.iter().map(|name| (*name, "int")).collect();
            let of_data = columns(&names);
            let found = first_misplaced(&of_data, &table);
            found.map(|(data, table)| (data.name.clone(), table.name.clone()))
        };
        assert_eq!(first(&["id", "name", "city"]), None);
        assert_eq!(first(&["col0", "col1"]), None);
        let expected = ("city".to_owned(), "Name".to_owned());
        assert_eq!(first(&["id", "city", "name"]), Some(expected));
    }
}
