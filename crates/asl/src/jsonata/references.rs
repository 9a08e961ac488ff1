//! What an expression asks of the world around it: names and `$` are looked up in the input, where
//! nothing before them gives them something else to be looked up in.

use super::Expression;
use super::ast::{Kind, Node};
use crate::stack::with_stack;

/// Something that an expression reads from outside of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A name that is looked up in the input, or `$`, the input itself.
    Input(String),
    /// `$$`, the input that the whole expression was given.
    Root,
    /// A member of a variable: `states` and `result` for `$states.result.Payload`.
    Member(String, String),
}

impl Expression {
    /// The references of the expression, each once, in the order in which they are written.
    ///
    /// Of a path only the first step looks at the input; later steps, predicates, sort terms and
    /// groupings look at what the step before them gives. The body of a function looks at the
    /// input of the expression that defines it.
    pub(crate) fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        collect(&self.root, &mut found);
        found
    }
}

fn add(reference: Reference, found: &mut Vec<Reference>) {
    if !found.contains(&reference) {
        found.push(reference);
    }
}

fn collect(node: &Node, found: &mut Vec<Reference>) {
    with_stack(|| collect_from(node, found));
}

fn collect_from(node: &Node, found: &mut Vec<Reference>) {
    match &node.kind {
        Kind::Path(steps) => collect_path(steps, found),
        Kind::Name(name) => add(Reference::Input(name.to_string()), found),
        Kind::Variable(name) => match &**name {
            "" => add(Reference::Input("$".to_owned()), found),
            "$" => add(Reference::Root, found),
            _ => {}
        },
        Kind::Binary(_, left, right) | Kind::Apply(left, right) | Kind::Default(_, left, right) => {
            collect(left, found);
            collect(right, found);
        }
        Kind::Negate(inner) | Kind::Bind(_, inner) => collect(inner, found),
        Kind::Array(items) | Kind::Block(items) => collect_all(items, found),
        Kind::Object(group) => {
            for (key, value) in &group.pairs {
                collect(key, found);
                collect(value, found);
            }
        }
        Kind::Call(callee, arguments) | Kind::Partial(callee, arguments) => {
            collect(callee, found);
            collect_all(arguments, found);
        }
        Kind::Lambda(lambda) => collect(&lambda.body, found),
        Kind::Condition(condition, then, otherwise) => {
            collect(condition, found);
            collect(then, found);
            if let Some(otherwise) = otherwise {
                collect(otherwise, found);
            }
        }
        Kind::String(_)
        | Kind::Number(_)
        | Kind::Bool(_)
        | Kind::Null
        | Kind::Wildcard
        | Kind::Descendant
        | Kind::Parent(..)
        | Kind::Regex(_)
        | Kind::Sort(_)
        | Kind::Placeholder
        | Kind::Transform(_) => {}
    }
}

fn collect_all(nodes: &[Node], found: &mut Vec<Reference>) {
    for node in nodes {
        collect(node, found);
    }
}

fn collect_path(steps: &[Node], found: &mut Vec<Reference>) {
    let Some(first) = steps.first() else {
        return;
    };
    collect(first, found);
    if let (Kind::Variable(variable), Some(Kind::Name(member))) =
        (&first.kind, steps.get(1).map(|step| &step.kind))
    {
        let member = Reference::Member(variable.to_string(), member.to_string());
        add(member, found);
    }
}

#[cfg(test)]
mod tests {
    use super::{Expression, Reference};

    fn input(text: &str) -> Vec<String> {
        let references = Expression::parse(text).unwrap().references();
        let names = references.into_iter().filter_map(|found| match found {
            Reference::Input(name) => Some(name),
            Reference::Root => Some("$$".to_owned()),
            Reference::Member(..) => None,
        });
        names.collect()
    }

    #[test]
    fn names_that_nothing_stands_before_are_looked_up_in_the_input() {
        for (text, names) in [
            ("phone", &["phone"][..]),
            ("phone[0].number", &["phone"]),
            ("a.b + $sum(c)", &["a", "c"]),
            ("aaa + bbb + aaa", &["aaa", "bbb"]),
            ("{key: [value]}", &["key", "value"]),
            ("$.phone", &["$"]),
            ("$$", &["$$"]),
            ("$map($states.input.a, function($x) { b })", &["b"]),
            ("($x := y; -z)", &["y", "z"]),
            ("c ? t : e", &["c", "t", "e"]),
            ("a ~> $sum()", &["a"]),
        ] {
            assert_eq!(input(text), names, "{text}");
        }
    }

    #[test]
    fn names_within_something_are_not() {
        for text in [
            "$states.input.phone",
            "$states.input.items[phone > 3]",
            "$states.input.items^(>price).name",
            "$states.input.items{name: price}",
            "$states.input.items.{\"n\": name, \"p\": $}",
            "$map($states.input.a, function($x) { $x.phone })",
            "$phone",
            "$states.input ~> |items|{\"price\": price * 2}|",
            "$states.input.*",
            "[1..3].($ * 2)",
            "'phone'",
        ] {
            assert!(input(text).is_empty(), "{text}: {:?}", input(text));
        }
    }

    #[test]
    fn members_of_variables_are_told() {
        let references = Expression::parse("$x + $states.result.Payload").unwrap();
        assert_eq!(
            references.references(),
            [Reference::Member("states".to_owned(), "result".to_owned())]
        );
    }
}
