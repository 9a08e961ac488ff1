//! JSONPath as Step Functions reads it: the dialect of Jayway's JsonPath without functions, over
//! the state's input (`$`), the context object (`$$`) or a variable (`$name`).

mod filter;
mod parser;
mod reference;

use std::{borrow::Cow, cell::Cell, collections::BTreeMap};

use serde_json::Value;

use crate::context::Context;

pub(crate) use filter::Filter;
pub(crate) use reference::ReferencePath;

/// Values that `Assign` gave names to.
pub(crate) type Variables = BTreeMap<String, Value>;

/// What a path may start from.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub input: &'a Value,
    pub context: &'a Context,
    pub variables: &'a Variables,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Root {
    Input,
    Context,
    Variable(String),
}

#[derive(Clone, Debug)]
pub(crate) enum Segment {
    Child(String),
    Children(Vec<String>),
    Index(i64),
    Indices(Vec<i64>),
    Slice(Option<i64>, Option<i64>),
    Wildcard,
    Filter(Filter),
    /// `..`: what follows is looked for at every depth.
    Descend,
}

/// The text is no JSONPath; says why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(pub String);

/// Nothing is where a definite path points to, in Jayway's words.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotFound(pub String);

#[derive(Clone, Debug)]
pub(crate) struct JsonPath {
    pub text: String,
    pub root: Root,
    pub segments: Vec<Segment>,
}

impl JsonPath {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        parser::parse(text)
    }

    /// The name of the variable that it starts from, if it starts from one.
    pub fn variable(&self) -> Option<&str> {
        match &self.root {
            Root::Variable(name) => Some(name),
            Root::Input | Root::Context => None,
        }
    }

    fn first_name(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Child(name)) => Some(name),
            _ => None,
        }
    }

    /// The value a definite path points to, or the array of all that an indefinite one selects.
    pub fn read(&self, scope: Scope) -> Result<Value, NotFound> {
        let root = match &self.root {
            Root::Input => Some(Cow::Borrowed(scope.input)),
            Root::Context => Some(scope.context.part(self.first_name())),
            Root::Variable(name) => scope.variables.get(name).map(Cow::Borrowed),
        };
        let root = root.as_deref();
        if let Some((_, way)) = self.segments.split_last()
            && way
                .iter()
                .any(|segment| matches!(segment, Segment::Children(_)))
        {
            // The version of Jayway's that AWS runs refuses what later ones read. (Output of the
            // console of Step Functions: gist.github.com/deric4, "Invalid path '$['a', 'b'].v'".)
            let words = "Multi properties can only be used as path leafs";
            return Err(NotFound(words.to_owned()));
        }
        if !is_definite(&self.segments) {
            let left = Cell::new(MAX_STEPS);
            let selected = root.map_or_else(Vec::new, |root| {
                let search = Search {
                    document: root,
                    left: &left,
                };
                select(&self.segments, root, search)
            });
            if left.get() == 0 {
                return Err(NotFound(format!(
                    "The path selects more than can be looked at: {}",
                    self.text
                )));
            }
            return Ok(selected.into_iter().map(Cow::into_owned).collect());
        }
        let mut value =
            root.ok_or_else(|| NotFound(format!("No results for path: {}", self.text)))?;
        for (depth, segment) in self.segments.iter().enumerate() {
            if let Segment::Children(names) = segment {
                return merged(names, value).ok_or_else(|| self.not_found(depth, value));
            }
            value = step(segment, value).ok_or_else(|| self.not_found(depth, value))?;
        }
        Ok(value.clone())
    }

    fn not_found(&self, depth: usize, parent: &Value) -> NotFound {
        let no_object = |property: &str| {
            format!(
                "Expected to find an object with property ['{property}'] in path {} but found '{}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.",
                bracketed(&self.segments[..depth]),
                java_class(parent)
            )
        };
        NotFound(match &self.segments[depth] {
            Segment::Child(name) if !parent.is_object() => no_object(name),
            Segment::Children(names) => no_object(&names.join("','")),
            Segment::Index(_) if !parent.is_array() => format!(
                "Filter: {} can only be applied to arrays. Current context is: {parent}",
                bracketed(&self.segments[depth..]).trim_start_matches('$')
            ),
            Segment::Child(name) if depth + 1 < self.segments.len() => {
                format!(
                    "Missing property in path {}",
                    bracketed(&[&self.segments[..depth], &[Segment::Child(name.clone())]].concat())
                )
            }
            _ => format!("No results for path: {}", bracketed(&self.segments)),
        })
    }
}

fn java_class(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "com.fasterxml.jackson.databind.node.BooleanNode",
        Value::Number(number) if number.is_f64() => {
            "com.fasterxml.jackson.databind.node.DoubleNode"
        }
        Value::Number(_) => "com.fasterxml.jackson.databind.node.IntNode",
        Value::String(_) => "com.fasterxml.jackson.databind.node.TextNode",
        Value::Array(_) => "com.fasterxml.jackson.databind.node.ArrayNode",
        Value::Object(_) => "com.fasterxml.jackson.databind.node.ObjectNode",
    }
}

/// Whether segments can only ever select one value. Several names at the end are one: they give an
/// object.
fn is_definite(segments: &[Segment]) -> bool {
    let is_one = |segment: &Segment| matches!(segment, Segment::Child(_) | Segment::Index(_));
    segments.split_last().is_none_or(|(last, way)| {
        way.iter().all(is_one) && (is_one(last) || matches!(last, Segment::Children(_)))
    })
}

/// What several names at the end of a path give: an object of those members that there are; nothing
/// of what is no object.
///
/// Source: `PropertyPathToken` of Jayway's JsonPath.
fn merged(names: &[String], value: &Value) -> Option<Value> {
    let members = value.as_object()?;
    let found = names
        .iter()
        .filter_map(|name| Some((name.clone(), members.get(name)?.clone())));
    Some(Value::Object(found.collect()))
}

/// A definite path in Jayway's bracket notation: `$['a'][0]`.
fn bracketed(segments: &[Segment]) -> String {
    segments
        .iter()
        .fold("$".to_owned(), |path, segment| match segment {
            Segment::Child(name) => format!("{path}['{name}']"),
            Segment::Children(names) => format!("{path}['{}']", names.join("','")),
            Segment::Index(index) => format!("{path}[{index}]"),
            _ => path,
        })
}

fn step<'v>(segment: &Segment, value: &'v Value) -> Option<&'v Value> {
    match segment {
        Segment::Child(name) => value.get(name),
        Segment::Index(index) => element(value.as_array()?, *index),
        _ => None,
    }
}

fn element(array: &[Value], index: i64) -> Option<&Value> {
    let index = if index < 0 {
        index + array.len() as i64
    } else {
        index
    };
    array.get(usize::try_from(index).ok()?)
}

/// One reading of an indefinite path: the whole document, and how many more steps it may take.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub document: &'a Value,
    left: &'a Cell<u64>,
}

/// The most steps that a path may take: several `..` look at the same values again and again, and a
/// filter compares each item with what may be a long list.
const MAX_STEPS: u64 = 2_000_000;

impl Search<'_> {
    fn step(self) -> bool {
        self.take(1)
    }

    /// Takes so many steps; whether there were as many, and any at all.
    fn take(self, count: u64) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(count));
        left > 0 && left >= count
    }

    /// Takes a step for a value and for each one within it.
    fn walk(self, value: &Value) -> bool {
        self.step() && children(value).all(|child| self.walk(child))
    }
}

/// Everything that the segments select below `value`, in document order.
pub(crate) fn select<'v>(
    segments: &[Segment],
    value: &'v Value,
    search: Search<'_>,
) -> Vec<Cow<'v, Value>> {
    if !search.step() {
        return Vec::new();
    }
    let Some((segment, rest)) = segments.split_first() else {
        return vec![Cow::Borrowed(value)];
    };
    match segment {
        Segment::Child(_) | Segment::Index(_) => {
            step(segment, value).map_or_else(Vec::new, |found| select(rest, found, search))
        }
        Segment::Children(names) if rest.is_empty() => {
            // They are copied.
            let mut members = names.iter().filter_map(|name| value.get(name));
            if !members.all(|member| search.walk(member)) {
                return Vec::new();
            }
            merged(names, value).map(Cow::Owned).into_iter().collect()
        }
        Segment::Children(names) => each(
            names.iter().filter_map(|name| value.get(name)),
            rest,
            search,
        ),
        Segment::Indices(indices) => match value.as_array() {
            Some(array) => each(
                indices.iter().filter_map(|index| element(array, *index)),
                rest,
                search,
            ),
            None => Vec::new(),
        },
        Segment::Slice(from, to) => match value.as_array() {
            Some(array) => each(slice(array, *from, *to), rest, search),
            None => Vec::new(),
        },
        Segment::Wildcard => each(children(value), rest, search),
        Segment::Filter(filter) => match value {
            Value::Array(items) => each(
                items
                    .iter()
                    .filter(|item| !is_scalar(item) && filter.accepts(item, search)),
                rest,
                search,
            ),
            Value::Object(_) if filter.accepts(value, search) => select(rest, value, search),
            _ => Vec::new(),
        },
        Segment::Descend => {
            let mut found = Vec::new();
            descend(rest, value, search, &mut found);
            found
        }
    }
}

fn each<'v>(
    values: impl Iterator<Item = &'v Value>,
    rest: &[Segment],
    search: Search<'_>,
) -> Vec<Cow<'v, Value>> {
    values
        .flat_map(|value| select(rest, value, search))
        .collect()
}

/// Whether no filter selects it: `@` "only matches objects" ("Paths" in the Step Functions developer
/// guide).
fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn descend<'v>(
    rest: &[Segment],
    value: &'v Value,
    search: Search<'_>,
    found: &mut Vec<Cow<'v, Value>>,
) {
    // What is selected from counts there.
    if is_looked_at(rest, value) {
        found.extend(select(rest, value, search));
    } else if !search.step() {
        return;
    }
    for child in children(value) {
        descend(rest, child, search, found);
    }
}

/// Whether what follows `..` is looked for in a value itself, and not only below it. A filter sees each
/// object for itself, so not once more as an item; several names at the end are of one object.
///
/// Source: `ScanPathToken` of Jayway's JsonPath.
fn is_looked_at(rest: &[Segment], value: &Value) -> bool {
    match rest {
        [Segment::Filter(_), ..] => value.is_object(),
        [Segment::Children(names)] => names.iter().all(|name| value.get(name).is_some()),
        _ => true,
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The elements of a slice. Where both ends are given they are counted up one by one, so that one from
/// the front to a place before the end is empty.
///
/// Source: `ArraySliceToken` of Jayway's JsonPath.
fn slice(array: &[Value], from: Option<i64>, to: Option<i64>) -> impl Iterator<Item = &Value> {
    let length = array.len() as i64;
    let from_end = |index: i64| if index < 0 { index + length } else { index };
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from.max(-length), to.min(length)),
        (from, to) => (
            from_end(from.unwrap_or(0)).max(0),
            from_end(to.unwrap_or(length)).min(length),
        ),
    };
    (from..to).filter_map(move |index| element(array, index))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::{Context, JsonPath, Scope, Variables};
    use crate::context::About;

    fn read(path: &str, input: &Value) -> Result<Value, String> {
        let scope = Scope {
            input,
            context: &Context::new(
                Arc::default(),
                About {
                    state: "A".to_owned(),
                    ..About::default()
                },
            ),
            variables: &Variables::from([("x".to_owned(), json!({"y": 7}))]),
        };
        JsonPath::parse(path)
            .map_err(|error| error.0)?
            .read(scope)
            .map_err(|error| error.0)
    }

    fn shop() -> Value {
        json!({"items": [{"n": 1, "tag": "a"}, {"n": 2, "tag": "b"}, {"n": 3}], "deep": {"n": 9}})
    }

    #[test]
    fn a_definite_path_gives_the_value_and_an_indefinite_one_an_array() {
        assert_eq!(read("$.items[0].n", &shop()), Ok(json!(1)));
        assert_eq!(read("$.items[-1].n", &shop()), Ok(json!(3)));
        assert_eq!(read("$['items'][1]['tag']", &shop()), Ok(json!("b")));
        assert_eq!(read("$.['items'].[1].tag", &shop()), Ok(json!("b")));
        assert_eq!(read("$.items[*].n", &shop()), Ok(json!([1, 2, 3])));
        assert_eq!(read("$.items[1:].n", &shop()), Ok(json!([2, 3])));
        assert_eq!(read("$.items[:-1].n", &shop()), Ok(json!([1, 2])));
        assert_eq!(read("$.items[0,2].n", &shop()), Ok(json!([1, 3])));
        assert_eq!(read("$..n", &shop()), Ok(json!([1, 2, 3, 9])));
        assert_eq!(read("$$.State.Name", &shop()), Ok(json!("A")));
        assert_eq!(read("$x.y", &shop()), Ok(json!(7)));
    }

    #[test]
    fn blanks_at_the_end_are_no_part_of_a_path_and_within_a_name_they_want_brackets() {
        let input = json!({"a": 1, "a ": 2, "my prop": {"b": 3}});
        assert_eq!(read("$.a ", &input), Ok(json!(1)));
        assert_eq!(read("$  ", &input), Ok(input.clone()));
        assert_eq!(read("$['a ']  ", &input), Ok(json!(2)));
        assert_eq!(read("$.['my prop'].b ", &input), Ok(json!(3)));
        assert_eq!(read("$$.State.Name ", &input), Ok(json!("A")));
        assert_eq!(read("$x.y ", &input), Ok(json!(7)));
        for text in [
            "$.my prop",
            "$.my prop.b",
            "$. a",
            "$.a [0]",
            "$..my prop",
            "$.f() b",
        ] {
            let error = read(text, &input).unwrap_err();
            assert!(error.contains("has to be in brackets"), "{text}: {error}");
        }
        assert!(JsonPath::parse("$.concat($.a, ' b')").is_ok());
    }

    #[test]
    fn filters_compare_test_and_combine() {
        assert_eq!(read("$.items[?(@.n > 1)].n", &shop()), Ok(json!([2, 3])));
        assert_eq!(read("$.items[?(@.tag)].n", &shop()), Ok(json!([1, 2])));
        assert_eq!(read("$.items[?(!@.tag)].n", &shop()), Ok(json!([3])));
        assert_eq!(
            read("$.items[?(@.tag == 'b' || @.n == 3)].n", &shop()),
            Ok(json!([2, 3]))
        );
        assert_eq!(
            read("$.items[?(@.tag in ['a'])].n", &shop()),
            Ok(json!([1]))
        );
        assert_eq!(read("$.items[?(@.tag =~ /B/i)].n", &shop()), Ok(json!([2])));
        assert_eq!(
            read("$.items[?(@.n < $.deep.n && @.n >= 2)].n", &shop()),
            Ok(json!([2, 3]))
        );
    }

    #[test]
    fn filters_compare_whole_numbers_exactly() {
        let document =
            json!({"x": [{"n": 9_007_199_254_740_992_i64}, {"n": 9_007_199_254_740_993_i64}]});
        for filter in ["> 9007199254740992", "== 9007199254740993"] {
            let path = format!("$.x[?(@.n {filter})].n");
            assert_eq!(
                read(&path, &document),
                Ok(json!([9_007_199_254_740_993_i64]))
            );
        }
    }

    #[test]
    fn several_names_at_the_end_give_an_object_of_what_is_there() {
        assert_eq!(
            read("$['deep','nope','items']", &shop()),
            Ok(json!({"deep": shop()["deep"], "items": shop()["items"]}))
        );
        assert_eq!(
            read("$.items[*]['n', 'tag']", &shop()),
            Ok(json!([{"n": 1, "tag": "a"}, {"n": 2, "tag": "b"}, {"n": 3}]))
        );
        assert_eq!(
            read("$..['tag','n']", &shop()),
            Ok(json!([{"tag": "a", "n": 1}, {"tag": "b", "n": 2}]))
        );
        let two = json!({"a": {"n": 1}, "b": {"n": 2}});
        assert_eq!(
            read("$['a','b'].n", &two),
            Err("Multi properties can only be used as path leafs".to_owned())
        );
        assert_eq!(
            read("$.a['b','c']", &json!({"a": []})),
            Err("Expected to find an object with property ['b','c'] in path $['a'] but found 'com.fasterxml.jackson.databind.node.ArrayNode'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.".to_owned())
        );
    }

    #[test]
    fn a_slice_from_the_front_to_a_place_before_the_end_is_empty() {
        let input = json!({"a": [1, 2, 3, 4]});
        for (path, selected) in [
            ("$.a[1:3]", json!([2, 3])),
            ("$.a[1:9]", json!([2, 3, 4])),
            ("$.a[-2:]", json!([3, 4])),
            ("$.a[:-9]", json!([])),
            ("$.a[-3:-1]", json!([2, 3])),
            ("$.a[1:-1]", json!([])),
        ] {
            assert_eq!(read(path, &input), Ok(selected), "{path}");
        }
    }

    #[test]
    fn a_filter_takes_lists_of_a_literal_and_of_paths_definite_or_not() {
        let input = json!({"x": [{"n": 1, "l": [1, 2]}, {"n": 4, "l": [4]}, {"n": 9, "l": []}],
            "list": [1, "4"], "rows": [{"id": 1}, {"id": 2}]});
        for (filter, selected) in [
            ("@.n in $.list", json!([1, 4])),
            ("@.n nin $.list", json!([9])),
            ("@.n in $.rows[*].id", json!([1])),
            ("$.rows[*].id contains @.n", json!([1])),
            ("@.l == $.rows[*].id", json!([1])),
            ("$.rows[*].id != @.l", json!([4, 9])),
            ("@.l subsetof $.rows[*].id", json!([1, 9])),
            ("@.l anyof [2, 4]", json!([1, 4])),
            ("@.l noneof $.rows[*].id", json!([4, 9])),
            ("@.l size 1", json!([4])),
            ("@.l[*] size 2", json!([1])),
            ("@.l[*] empty true", json!([9])),
            ("@.n in $.rows", json!([])),
            ("@.l in $.list", json!([])),
        ] {
            let path = format!("$.x[?({filter})].n");
            assert_eq!(read(&path, &input), Ok(selected), "{filter}");
        }
    }

    #[test]
    fn what_a_filter_compares_is_bounded() {
        let input = |count: usize| {
            let items: Vec<_> = (0..count).map(|_| json!({"y": -1})).collect();
            json!({"x": items, "t": (0..count).collect::<Vec<_>>(), "s": "a".repeat(count)})
        };
        for filter in [
            "@.y in $.t",
            "$.t == $.t",
            "$.t[*] subsetof $.t",
            "$['t','s'] == @.y",
            "$.s =~ /b/",
        ] {
            let path = format!("$.x[?({filter})].z");
            assert_eq!(read(&path, &input(40)), Ok(json!([])), "{filter}");
            let refused = read(&path, &input(12_000)).unwrap_err();
            assert!(
                refused.starts_with("The path selects more than can be looked at"),
                "{filter}: {refused}"
            );
        }
        assert_eq!(read("$.x[?(@.y in $.t)]", &input(1000)), Ok(json!([])));
    }

    #[test]
    fn a_filter_sees_each_object_and_no_scalar() {
        assert_eq!(
            read("$..[?(@.n > 2)]", &shop()),
            Ok(json!([{"n": 3}, {"n": 9}]))
        );
        for filter in ["@ > 1", "@ != 7", "!@.x"] {
            let path = format!("$.a[?({filter})]");
            assert_eq!(read(&path, &json!({"a": [1, 2, "b"]})), Ok(json!([])));
        }
    }

    #[test]
    fn a_filter_compares_texts_with_numbers_and_what_is_not_there_with_nothing() {
        let codes = json!({"x": [{"c": "404"}, {"c": 404}, {"c": "404.0"}, {}]});
        for (filter, selected) in [
            ("@.c == 404", json!([{"c": "404"}, {"c": 404}])),
            ("@.c == '404.0'", json!([{"c": 404}, {"c": "404.0"}])),
            (
                "@.c >= 400",
                json!([{"c": "404"}, {"c": 404}, {"c": "404.0"}]),
            ),
            (
                "@.c < '41'",
                json!([{"c": "404"}, {"c": 404}, {"c": "404.0"}]),
            ),
            ("@.nope == @.neither", json!([])),
            ("@.c != 404", json!([{"c": "404.0"}, {}])),
        ] {
            let path = format!("$.x[?({filter})]");
            assert_eq!(read(&path, &codes), Ok(selected), "{filter}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_as_jayway_tells_it() {
        assert_eq!(
            read("$.a[0].b", &json!({"a": {"b": 1}})),
            Err(
                "Filter: [0]['b'] can only be applied to arrays. Current context is: {\"b\":1}"
                    .to_owned()
            )
        );
        assert_eq!(
            read("$.nope", &json!({})),
            Err("No results for path: $['nope']".to_owned())
        );
        assert_eq!(
            read("$.a.b", &json!({})),
            Err("Missing property in path $['a']".to_owned())
        );
        assert_eq!(read("$.a[*].b", &json!({})), Ok(json!([])));
    }

    #[test]
    fn texts_that_are_no_paths_are_refused() {
        for text in [
            "",
            "a.b",
            "$.",
            "$.a.",
            "$.a.[",
            "$.a[",
            "$.a['b",
            "$.a[?(@.b ==)]",
            "$[]",
            "$.a[1:2:3]x",
        ] {
            assert!(JsonPath::parse(text).is_err(), "{text}");
        }
    }
}
