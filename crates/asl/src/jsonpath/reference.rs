//! Reference paths: they name one place, so a value can be put there.

use serde_json::{Map, Value};

use super::{Invalid, JsonPath, Root, Segment};

#[derive(Clone, Debug)]
pub(crate) struct ReferencePath(JsonPath);

impl ReferencePath {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let path = JsonPath::parse(text)?;
        let is_one = |segment: &Segment| matches!(segment, Segment::Child(_) | Segment::Index(_));
        if !path.segments.iter().all(is_one) {
            return Err(Invalid("Reference Path must be definite".to_owned()));
        }
        if path.root != Root::Input {
            return Err(Invalid("Reference Path must start with '$'".to_owned()));
        }
        Ok(Self(path))
    }

    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Puts `value` into `document`, making the objects on the way; nothing if what is on the way
    /// is no object, or an array too short.
    pub fn put(&self, document: Value, value: Value) -> Option<Value> {
        put(&self.0.segments, document, value)
    }
}

fn put(segments: &[Segment], document: Value, value: Value) -> Option<Value> {
    let Some((segment, rest)) = segments.split_first() else {
        return Some(value);
    };
    match (segment, document) {
        (Segment::Child(name), Value::Object(mut members)) => {
            let slot = members
                .entry(name)
                .or_insert_with(|| Value::Object(Map::new()));
            *slot = put(rest, slot.take(), value)?;
            Some(Value::Object(members))
        }
        (Segment::Index(index), Value::Array(mut items)) => {
            let slot = items.get_mut(usize::try_from(*index).ok()?)?;
            *slot = put(rest, slot.take(), value)?;
            Some(Value::Array(items))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ReferencePath;

    #[test]
    fn putting_makes_the_objects_on_the_way_and_keeps_what_is_beside() {
        let path = ReferencePath::parse("$.a.b").unwrap();
        assert_eq!(
            path.put(json!({"a": {"c": 1}}), json!(2)),
            Some(json!({"a": {"c": 1, "b": 2}}))
        );
        assert_eq!(path.put(json!({}), json!(2)), Some(json!({"a": {"b": 2}})));
        assert_eq!(path.put(json!([1]), json!(2)), None);
        assert!(ReferencePath::parse("$.a[*]").is_err());
    }
}
