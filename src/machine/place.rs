//! Where a state is in the text of its definition.

use std::ops::Range;

/// A line and a column, both from 1, and the bytes of the text that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    pub span: Range<usize>,
}

/// The place of a state's name in a text of JSON or YAML; `${Name}` may stand anywhere in it. Names
/// are unique in the whole of a machine.
pub fn place_of(text: &str, state: &str) -> Option<Place> {
    if text.trim_start().starts_with('{') {
        in_json(text, state)
    } else {
        in_yaml(text, state)
    }
}

fn place_at(text: &str, span: Range<usize>) -> Place {
    let before = &text[..span.start];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before[start..].chars().count() + 1,
        span,
    }
}

fn in_json(text: &str, state: &str) -> Option<Place> {
    // The key under which each open object is.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut key: Option<String> = None;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = end_of_string(bytes, at);
                let written = text.get(at..end).unwrap_or_default();
                let behind = text.get(end..).unwrap_or_default().trim_start();
                if behind.starts_with(':') {
                    let name: String = serde_json::from_str(written).unwrap_or_default();
                    let parent = open.last().and_then(Option::as_deref);
                    if parent == Some("States") && name == state {
                        return Some(place_at(text, at..end));
                    }
                    key = Some(name);
                }
                at = end;
                continue;
            }
            b'{' => open.push(key.take()),
            b'}' => {
                open.pop();
            }
            b',' => key = None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the quote that ends the string that begins here; the text's end if none does.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn in_yaml(text: &str, state: &str) -> Option<Place> {
    // The keys that are open, with how far they are from the left.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '-']);
        let indent = line.len() - bare.len();
        if let Some(name) = yaml_key(bare) {
            open.retain(|(outer, _)| *outer < indent);
            let is_state = open.last().is_some_and(|(_, parent)| parent == "States");
            if is_state && name == state {
                let start = offset + indent;
                return Some(place_at(text, start..start + name.len()));
            }
            open.push((indent, name.to_owned()));
        }
        offset += line.len();
    }
    None
}

/// The key that a line begins with, without its quotes.
fn yaml_key(line: &str) -> Option<&str> {
    if line.starts_with('#') {
        return None;
    }
    for quote in ['"', '\''] {
        if let Some(inner) = line.strip_prefix(quote) {
            let (name, behind) = inner.split_once(quote)?;
            return behind.trim_start().starts_with(':').then_some(name);
        }
    }
    let trimmed = line.trim_end();
    let (name, _) = trimmed
        .split_once(": ")
        .or_else(|| trimmed.strip_suffix(':').map(|name| (name, "")))?;
    Some(name.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, state: &str) -> Option<(usize, usize)> {
        place_of(text, state).map(|place| (place.line, place.column))
    }

    #[test]
    fn a_state_is_found_in_json_whatever_else_has_its_name() {
        let text = r#"{
  "Comment": "A: {\"States\": {\"A\": 1}}", "StartAt": "A",
  "States": {
    "A": { "Type": "Map", "Parameters": { "B": ${Limit} }, "ItemProcessor": {
      "States": { "B\u0021": { "Type": "Pass" },
                  "é": {"Type": "Pass"}, "C": {"Type": "Pass"} } } }
  }
}"#;
        assert_eq!(place(text, "A"), Some((4, 5)));
        assert_eq!(place(text, "B!"), Some((5, 19)));
        assert_eq!(place(text, "C"), Some((6, 42)));
        assert_eq!(place(text, "B"), None);
        assert_eq!(place("{\"States\": {\"A", "A"), None);
    }

    #[test]
    fn a_state_is_found_in_yaml() {
        let text = "StartAt: First one\nStates:\n  # First one: no\n  First one:\n    Type: Parallel\n    Branches:\n      - StartAt: In\n        States:\n          'In':\n            Type: Pass\n            Parameters:\n              Last: 1\n  Last:\n    Type: Succeed\n";
        assert_eq!(place(text, "First one"), Some((4, 3)));
        assert_eq!(place(text, "In"), Some((9, 11)));
        assert_eq!(place(text, "Last"), Some((13, 3)));
        assert_eq!(place(text, "Branches"), None);
    }
}
