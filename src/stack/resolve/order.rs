//! The order in which tables can be built.

use std::collections::{BTreeMap, BTreeSet};

use super::Resolver;
use crate::engine::cycle;
use crate::resource::Address;
use crate::stack::diagnostic::Diagnostic;

impl Resolver<'_> {
    /// The tables, each after those it refers to. Tables in a cycle are left out, and said.
    pub(super) fn in_order(&mut self) -> Vec<Address> {
        let mut needs: BTreeMap<Address, BTreeSet<Address>> = self
            .tables
            .iter()
            .map(|(address, table)| (address.clone(), table.needs.keys().cloned().collect()))
            .collect();
        while let Some(way) = cycle(&needs) {
            let members: Vec<Address> = way.into_iter().cloned().collect();
            let diagnostic = self.cycle(&members);
            self.found.push(diagnostic);
            for member in members {
                needs.remove(&member);
            }
        }
        let mut order = Vec::with_capacity(needs.len());
        let mut placed: BTreeSet<Address> = self
            .tables
            .keys()
            .filter(|address| !needs.contains_key(*address))
            .cloned()
            .collect();
        while !needs.is_empty() {
            let ready: Vec<Address> = needs
                .iter()
                .filter(|(_, on)| on.iter().all(|address| placed.contains(address)))
                .map(|(address, _)| address.clone())
                .collect();
            if ready.is_empty() {
                break;
            }
            for address in ready {
                needs.remove(&address);
                placed.insert(address.clone());
                order.push(address);
            }
        }
        order
    }

    fn cycle(&self, members: &[Address]) -> Diagnostic {
        let first = &members[0];
        let next = members.get(1).unwrap_or(first);
        let table = &self.tables[first];
        let place = table.needs.get(next).unwrap_or(&table.header.span).clone();
        if first == next {
            return Diagnostic::new(
                place,
                format!("`{first}` refers to itself"),
                "it would have to be there before it is made",
            );
        }
        let mut names: Vec<String> = members.iter().map(ToString::to_string).collect();
        names.push(first.to_string());
        Diagnostic::new(
            place,
            format!("these refer to each other: {}", names.join(" → ")),
            "neither can be made first",
        )
        .with_help("write one of the names out instead of referring to it")
    }
}
