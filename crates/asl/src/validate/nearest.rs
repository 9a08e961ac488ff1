//! What may have been meant by a name that is not known.

/// The name that differs least, if it differs by a slip: two letters, or one of a short name.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let most = if name.chars().count() < 5 { 1 } else { 2 };
    known
        .into_iter()
        .map(|known| (distance(name, known, most), known))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// How many letters have to be changed, added, left out or swapped with their neighbour; more than
/// `most` when it is more.
fn distance(one: &str, other: &str, most: usize) -> usize {
    let one: Vec<char> = one.to_lowercase().chars().collect();
    let other: Vec<char> = other.to_lowercase().chars().collect();
    if one.len().abs_diff(other.len()) > most {
        return most + 1;
    }
    let mut rows = vec![(0..=other.len()).collect::<Vec<_>>()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (rows[i][j] + usize::from(a != b))
                .min(rows[i][j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_seen_through_and_another_word_is_not() {
        let known = ["Result", "ResultPath", "Next", "End"];
        assert_eq!(nearest("Resutl", known), Some("Result"));
        assert_eq!(nearest("resultpath", known), Some("ResultPath"));
        assert_eq!(nearest("Nxt", known), Some("Next"));
        assert_eq!(nearest("Comment", known), None);
        assert_eq!(nearest("", known), None);
    }
}
