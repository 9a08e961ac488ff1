//! `[env.NAME]`: what is different in one environment, merged over the rest of the file.

use serde_json::Value;

use super::diagnostic::{Diagnostic, nearest};
use super::document::{Key, Node, NodeValue};
use super::outputs::in_full;
use super::schema;
use crate::resource::{KINDS, kind};

/// Tables that are no kinds and that an env may change.
const OTHERS: [&str; 4] = ["stack", "vars", "outputs", "local"];

/// The schema of a table that has no ids below it.
fn without_ids(table: &str) -> Option<&'static Value> {
    match table {
        "stack" => Some(schema::of_stack()),
        "local" => Some(schema::of_local()),
        _ => None,
    }
}

/// What an env changes must be in the file without it. Gives every mistake of one env, whether or
/// not it is the one that is meant.
pub(super) fn check(root: &Node, name: &Key, env: &Node, found: &mut Vec<Diagnostic>) {
    let Some(entries) = env.table() else {
        found.push(Diagnostic::new(
            name.span.clone(),
            format!("`env.{}` is no table", name.name),
            "write [env.NAME.KIND.ID] first, and keys below it",
        ));
        return;
    };
    for (key, node) in entries {
        if let Some(wanted) = without_ids(&key.name) {
            let what = format!("[env.{}.{}]", name.name, key.name);
            unknown_keys(node, wanted, &what, found);
            continue;
        }
        let kind = kind(&key.name);
        if kind.is_none() && !OTHERS.contains(&key.name.as_str()) {
            let known = KINDS.iter().map(|kind| kind.name()).chain(OTHERS);
            let diagnostic = Diagnostic::new(
                key.span.clone(),
                format!("there is no kind `{}`", key.name),
                "unknown kind",
            );
            found.push(diagnostic.suggest(&key.name, known));
            continue;
        }
        let Some(changes) = node.table() else {
            found.push(Diagnostic::new(
                key.span.clone(),
                format!("`env.{}.{}` is no table", name.name, key.name),
                "write [env.NAME.KIND.ID] first, and keys below it",
            ));
            continue;
        };
        let base = root.get(&key.name);
        for (id, change) in changes {
            if base.is_none_or(|base| base.get(&id.name).is_none()) {
                found.push(not_there(root, key, id));
                continue;
            }
            if let Some(kind) = kind {
                if change.table().is_none() {
                    found.push(Diagnostic::new(
                        id.span.clone(),
                        format!("`{}.{}` is no table", key.name, id.name),
                        format!(
                            "write [env.{}.{}.{}] first, and keys below it",
                            name.name, key.name, id.name
                        ),
                    ));
                    continue;
                }
                let what = format!("[{}.{}]", key.name, id.name);
                unknown_keys(change, schema::of_kind(kind), &what, found);
            }
        }
    }
}

fn not_there(root: &Node, key: &Key, id: &Key) -> Diagnostic {
    let address = format!("{}.{}", key.name, id.name);
    let diagnostic = Diagnostic::new(
        id.span.clone(),
        format!("there is no `{address}` that an env could change"),
        "not in the file without the env",
    );
    let known = root
        .get(&key.name)
        .and_then(Node::table)
        .unwrap_or_default();
    let known: Vec<&str> = known.iter().map(|(known, _)| known.name.as_str()).collect();
    match nearest(&id.name, known) {
        Some(near) => diagnostic.with_help(format!("did you mean `{}.{near}`?", key.name)),
        None => diagnostic.with_help(format!("add it under [{address}] first")),
    }
}

/// Keys of the table itself; what is below them is checked when the env is the one that is meant.
fn unknown_keys(node: &Node, wanted: &Value, what: &str, found: &mut Vec<Diagnostic>) {
    for (key, _) in node.table().unwrap_or_default() {
        found.extend(schema::unknown_key(key, wanted, what));
    }
}

/// Lays an env over the file: tables merge, any other value takes the place of what was there.
/// What the file does not have is left out; [`check`] says so.
pub(super) fn merge(root: &mut Node, env: &Node) {
    for (key, node) in env.table().unwrap_or_default() {
        if without_ids(&key.name).is_some() {
            match root.get_mut(&key.name) {
                Some(base) => lay_over(base, node),
                None => root.insert(key.clone(), node.clone()),
            }
            continue;
        }
        for (id, change) in node.table().unwrap_or_default() {
            let Some(base) = root
                .get_mut(&key.name)
                .and_then(|kind| kind.get_mut(&id.name))
            else {
                continue;
            };
            let is_declaration = key.name == "vars" && base.table().is_some();
            if is_declaration && change.table().is_none() {
                // The variable keeps its type: the env gives another default.
                let default = Key {
                    name: "default".to_owned(),
                    span: id.span.clone(),
                };
                match base.get_mut("default") {
                    Some(base) => *base = change.clone(),
                    None => base.insert(default, change.clone()),
                }
            } else if key.name == "outputs" {
                *base = in_full(base.clone());
                lay_over(base, &in_full(change.clone()));
            } else {
                lay_over(base, change);
            }
        }
    }
}

fn lay_over(base: &mut Node, change: &Node) {
    let NodeValue::Table(entries) = &change.value else {
        *base = change.clone();
        return;
    };
    if base.table().is_none() {
        *base = change.clone();
        return;
    }
    for (key, node) in entries {
        match base.get_mut(&key.name) {
            Some(there) => lay_over(there, node),
            None => base.insert(key.clone(), node.clone()),
        }
    }
}
