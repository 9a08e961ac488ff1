//! What is wrong with the tables together, though each of them is right.

use std::collections::BTreeMap;

use super::Resolver;
use crate::resource::derived_role_name;
use crate::stack::diagnostic::Diagnostic;

impl Resolver<'_> {
    pub(super) fn refuse_shared_names(&mut self) {
        let mut seen: BTreeMap<(&str, String), String> = BTreeMap::new();
        for address in self.tables.keys() {
            let Some(resource) = self.built.get(address) else {
                continue;
            };
            let mut named = vec![(resource.kind(), resource.key(), address.to_string())];
            if resource.needs_role().is_some() {
                let role = derived_role_name(address, &self.scope);
                named.push(("roles", role, address.part("role").to_string()));
            }
            for (kind, name, whose) in named {
                // Of IAM's names, case sets none apart.
                let key = match kind {
                    "roles" | "policies" => name.to_ascii_lowercase(),
                    _ => name.clone(),
                };
                if let Some(other) = seen.insert((kind, key), whose.clone()) {
                    self.found.push(
                        Diagnostic::new(
                            self.tables[address].header.span.clone(),
                            format!("`{other}` and `{whose}` are both named `{name}`"),
                            "the same name twice",
                        )
                        .with_help("give one of them another `name`"),
                    );
                }
            }
        }
    }

    /// A table that was not built, without a reason that was said, would be taken for one that is
    /// no longer there.
    pub(super) fn refuse_what_is_not_known(&mut self) {
        if self.may_lack || !self.found.is_empty() {
            return;
        }
        for (address, table) in &self.tables {
            if !self.built.contains_key(address) {
                self.found.push(Diagnostic::new(
                    table.header.span.clone(),
                    format!("`{address}` refers to something that is known only later"),
                    "it cannot be planned",
                ));
            }
        }
    }
}
