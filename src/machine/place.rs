//! Where in the text of a definition something is: in JSON or YAML, as it is written, so that
//! `${Name}` may stand anywhere in it.

mod json;
mod yaml;

use std::collections::HashSet;
use std::ops::Range;

/// A line and a column, both from 1, and the bytes of the text that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    pub span: Range<usize>,
}

/// Something that has a path of names and indices.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    /// Its name, or the place where it begins if it is in a list.
    name: Range<usize>,
    /// Its value, if that is no table, no list and no text of several lines.
    value: Option<Range<usize>>,
}

/// Who is told of everything in a text, in its order, with the path to it.
type Visit<'v> = dyn FnMut(&[String], Found) + 'v;

/// Goes over a text of JSON or YAML as far as it can be read.
fn walk(text: &str, visit: &mut Visit) {
    if text.trim_start().starts_with('{') {
        json::walk(text, visit);
    } else {
        yaml::walk(text, visit);
    }
}

/// The place of a state's name. Names are unique in the whole of a machine.
pub fn place_of(text: &str, state: &str) -> Option<Place> {
    let mut found = None;
    walk(text, &mut |path, at| {
        if let [.., parent, name] = path
            && parent == "States"
            && name == state
        {
            found.get_or_insert(at.name);
        }
    });
    found.map(|span| place_at(text, span))
}

/// The place of the value that a path of names and indices leads to, or of its name if the value is
/// long or `by_name` is set. What is not in the text stands where its nearest parent is that is.
pub fn place_of_path(text: &str, path: &[String], by_name: bool) -> Option<Place> {
    let mut nearest: Option<(usize, Range<usize>)> = None;
    walk(text, &mut |at, found| {
        if !path.starts_with(at)
            || nearest
                .as_ref()
                .is_some_and(|(depth, _)| *depth >= at.len())
        {
            return;
        }
        let is_it = at.len() == path.len();
        let span = match found.value {
            Some(value) if is_it && !by_name => value,
            _ => found.name,
        };
        nearest = Some((at.len(), span));
    });
    nearest.map(|(_, span)| place_at(text, span))
}

/// The first name in a text of JSON that its object has had before, and its place: readers of JSON
/// take the last of both and say nothing.
pub fn name_twice(text: &str) -> Option<(String, Place)> {
    let mut seen = HashSet::new();
    let mut twice = None;
    walk(text, &mut |path, found| {
        if twice.is_none() && !seen.insert(path.to_vec()) {
            twice = path.last().map(|name| (name.clone(), found.name));
        }
    });
    twice.map(|(name, span)| (name, place_at(text, span)))
}

/// The word at a column of a line, both from 1, or the last one before it; columns count characters.
pub fn place_of_line(text: &str, line: usize, column: usize) -> Option<Place> {
    let line_start = match line.checked_sub(2) {
        None => 0,
        Some(before) => text.match_indices('\n').nth(before)?.0 + 1,
    };
    let whole = text[line_start..].lines().next().unwrap_or_default();
    let skipped = whole.char_indices().nth(column.saturating_sub(1));
    let mut start = skipped.map_or(whole.len(), |(at, _)| at);
    if whole[start..]
        .chars()
        .next()
        .is_none_or(char::is_whitespace)
    {
        let before = whole[..start].trim_end();
        start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| c.is_alphanumeric())
            .last()
            .map_or(before.len(), |(at, _)| at);
    }
    let rest = &whole[start..];
    let token = rest
        .find(|c: char| c.is_whitespace() || ",:{}[]\"".contains(c))
        .unwrap_or(rest.len());
    let end = start + token.max(rest.chars().next().map_or(0, char::len_utf8));
    Some(place_at(text, line_start + start..line_start + end))
}

pub(super) fn place_at(text: &str, span: Range<usize>) -> Place {
    let before = &text[..span.start];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before[start..].chars().count() + 1,
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_there_twice_in_one_object_only() {
        let text = "{\"a\": {\"b\": 1, \"c\": [{\"b\": 1}, {\"b\": 1}]},\n \"b\": 2, \"\\u0061\": {\"b\": 1}}";
        let (name, place) = name_twice(text).expect("a name");
        assert_eq!(
            (name.as_str(), place.line, place.column),
            ("a", 2, 10),
            "{place:?}"
        );
        assert_eq!(name_twice(JSON), None);
    }

    const JSON: &str = r#"{
  "Comment": "A: {\"States\": {\"A\": 1}}", "StartAt": "A",
  "States": {
    "A": { "Type": "Map", "Parameters": { "B": ${Limit} }, "ItemProcessor": {
      "States": { "B\u0021": { "Type": "Pass", "Next": "Gone" },
                  "é": {"Type": "Pass"}, "C": {"Type": "Pass", "L": [1, {"x": [true, "${T}"]}]} } } }
  }
}"#;

    const YAML: &str = "StartAt: First one
States:
  # First one: no
  First one:
    Type: Parallel
    Comment: |
      First: of
        all: of it
    Branches:
      - StartAt: In
        States:
          'In':
            Type: Pass
            Parameters:
              Last: 1
            Next: \"Gone\"   # where
    Catch:
    - ErrorEquals:
      - States.ALL
      - ${Error}
      Next: Last
  Last:
    Type: Succeed
";

    fn state(text: &str, state: &str) -> Option<(usize, usize)> {
        place_of(text, state).map(|place| (place.line, place.column))
    }

    fn at<'t>(text: &'t str, path: &str, by_name: bool) -> (usize, &'t str) {
        let path: Vec<String> = path.split('/').map(str::to_owned).collect();
        let place = place_of_path(text, &path, by_name).expect("a place");
        (place.line, &text[place.span])
    }

    #[test]
    fn a_state_is_found_whatever_else_has_its_name() {
        assert_eq!(state(JSON, "A"), Some((4, 5)));
        assert_eq!(state(JSON, "B!"), Some((5, 19)));
        assert_eq!(state(JSON, "C"), Some((6, 42)));
        assert_eq!(state(JSON, "B"), None);
        assert_eq!(state("{\"States\": {\"A", "A"), None);
        assert_eq!(state(YAML, "First_one"), None);
        assert_eq!(state(YAML, "First one"), Some((4, 3)));
        assert_eq!(state(YAML, "In"), Some((12, 11)));
        assert_eq!(state(YAML, "Last"), Some((22, 3)));
        assert_eq!(state(YAML, "Branches"), None);
    }

    #[test]
    fn a_path_leads_to_its_value_or_its_name() {
        let next = "States/A/ItemProcessor/States/B!/Next";
        assert_eq!(at(JSON, next, false), (5, "\"Gone\""));
        assert_eq!(at(JSON, next, true), (5, "\"Next\""));
        let deep = "States/A/ItemProcessor/States/C/L/1/x/1";
        assert_eq!(at(JSON, deep, false), (6, "\"${T}\""));
        assert_eq!(at(JSON, "States/A/Parameters/B", false), (4, "${Limit}"));
        assert_eq!(at(JSON, "States/A", false), (4, "\"A\""));
        let next = "States/First one/Branches/0/States/In/Next";
        assert_eq!(at(YAML, next, false), (16, "\"Gone\""));
        assert_eq!(
            at(YAML, "States/First one/Catch/0/Next", false),
            (21, "Last")
        );
        let error = "States/First one/Catch/0/ErrorEquals/1";
        assert_eq!(at(YAML, error, false), (20, "${Error}"));
        assert_eq!(at(YAML, "States/Last/Type", true), (23, "Type"));
    }

    #[test]
    fn what_is_not_there_stands_at_its_parent() {
        assert_eq!(at(JSON, "States/A/Retry/0", false), (4, "\"A\""));
        assert_eq!(at(YAML, "States/Last/End", false), (22, "Last"));
        assert_eq!(place_of_path(JSON, &["Nowhere".to_owned()], false), None);
    }

    #[test]
    fn a_line_and_a_column_are_a_word_of_the_text() {
        let place = |line, column| place_of_line("{\n  \"é\": nul,\n}", line, column);
        let word = place(2, 8).expect("a place");
        assert_eq!((word.line, word.column, word.span), (2, 8, 10..13));
        assert_eq!(place(2, 80).expect("a place").line, 2);
        let before = place_of_line("{\"A\": nul }", 1, 10).expect("a place");
        assert_eq!((before.column, before.span), (7, 6..9));
        assert_eq!(place(9, 1), None);
    }

    #[test]
    fn no_text_is_too_broken_to_look_into() {
        let deep = "[".repeat(100_000);
        let texts = [
            "",
            "{",
            "{\"a",
            "{\"a\\",
            "{\"a\":",
            "{\"a\":1,,}",
            "{]",
            "{\"a\" 1}",
            "- - -",
            ": :",
            "'",
        ];
        for text in texts
            .into_iter()
            .chain([format!("{{\"a\":{deep}").as_str()])
        {
            place_of_path(text, &["a".to_owned(), "b".to_owned()], false);
            place_of_line(text, 1, 1);
        }
    }
}
