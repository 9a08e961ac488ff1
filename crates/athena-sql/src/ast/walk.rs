//! What lies within an expression.

use super::{
    Arguments, Expression, ExpressionKind, FormattedExpression, JsonPathInvocation,
    JsonValueBehavior, SortItem,
};

impl Expression {
    /// The expressions directly within this one, in their order; not those of subqueries and
    /// windows.
    pub fn children(&self) -> Vec<&Self> {
        use ExpressionKind as K;
        match &self.kind {
            K::Null
            | K::Boolean(_)
            | K::Integer(_)
            | K::Decimal(_)
            | K::Double(_)
            | K::String(_)
            | K::Binary(_)
            | K::TypedLiteral { .. }
            | K::Interval(_)
            | K::Parameter(_)
            | K::Identifier(_)
            | K::Measure { .. }
            | K::Subquery(_)
            | K::Exists(_)
            | K::CurrentTime { .. }
            | K::CurrentUser
            | K::CurrentCatalog
            | K::CurrentSchema
            | K::CurrentPath
            | K::Grouping(_) => Vec::new(),
            K::Dereference { base, .. } => vec![&**base],
            K::Subscript { base, index } => vec![&**base, &**index],
            K::Row(items) | K::Array(items) | K::And(items) | K::Or(items) => {
                items.iter().collect()
            }
            K::FunctionCall(call) => {
                let mut children: Vec<&Self> = match &call.arguments {
                    Arguments::List(arguments) => arguments.iter().collect(),
                    Arguments::All { .. } => Vec::new(),
                };
                children.extend(keys(&call.order_by));
                children.extend(&call.filter);
                children
            }
            K::Listagg(listagg) => {
                let mut children = vec![&listagg.expression];
                children.extend(keys(&listagg.order_by));
                children.extend(&listagg.filter);
                children
            }
            K::Lambda { body, .. } => vec![&**body],
            K::Case {
                operand,
                whens,
                otherwise,
            } => {
                let mut children: Vec<&Self> = operand.as_deref().into_iter().collect();
                for when in whens {
                    children.push(&when.condition);
                    children.push(&when.result);
                }
                children.extend(otherwise.as_deref());
                children
            }
            K::Cast { expression, .. } | K::Extract { expression, .. } => vec![&**expression],
            K::Trim {
                source, characters, ..
            } => {
                let mut children = vec![&**source];
                children.extend(characters.as_deref());
                children
            }
            K::JsonExists(exists) => of_path(&exists.path),
            K::JsonValue(value) => {
                let mut children = of_path(&value.path);
                let behaviors = [Some(&value.on_empty), value.on_error.as_ref()];
                for behavior in behaviors.into_iter().flatten() {
                    if let JsonValueBehavior::Default(default) = behavior {
                        children.push(default);
                    }
                }
                children
            }
            K::JsonQuery(query) => of_path(&query.path),
            K::JsonObject(object) => object
                .members
                .iter()
                .flat_map(|member| [&member.key, &member.value.expression])
                .collect(),
            K::JsonArray(array) => formatted(&array.elements).collect(),
            K::Not(inner) | K::Negate(inner) | K::Plus(inner) => vec![&**inner],
            K::Comparison { left, right, .. }
            | K::IsDistinctFrom { left, right, .. }
            | K::Arithmetic { left, right, .. } => vec![&**left, &**right],
            K::QuantifiedComparison { value, .. }
            | K::InSubquery { value, .. }
            | K::IsNull { value, .. } => vec![&**value],
            K::Between {
                value,
                lower,
                upper,
                ..
            } => vec![&**value, &**lower, &**upper],
            K::InList { value, list, .. } => {
                let mut children = vec![&**value];
                children.extend(list);
                children
            }
            K::Like {
                value,
                pattern,
                escape,
                ..
            } => {
                let mut children = vec![&**value, &**pattern];
                children.extend(escape.as_deref());
                children
            }
            K::AtTimeZone { value, zone } => vec![&**value, &**zone],
        }
    }

    /// This expression and everything within it, each before what it holds.
    pub fn with_descendants(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(expression) = open.pop() {
            found.push(expression);
            open.extend(expression.children().into_iter().rev());
        }
        found
    }
}

fn keys(items: &[SortItem]) -> impl Iterator<Item = &Expression> {
    items.iter().map(|item| &item.expression)
}

fn formatted(items: &[FormattedExpression]) -> impl Iterator<Item = &Expression> {
    items.iter().map(|item| &item.expression)
}

fn of_path(path: &JsonPathInvocation) -> Vec<&Expression> {
    let arguments = path.arguments.iter().map(|a| &a.value.expression);
    std::iter::once(&path.input.expression)
        .chain(arguments)
        .collect()
}
