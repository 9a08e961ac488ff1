//! Roles that are derived for crawlers, state machines and what else takes a role.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::trust::of_principals;
use super::{Role, arn, own_path};
use crate::policy::{Fact, Home, Need, document};
use crate::resource::identity::Identity;
use crate::resource::{Address, Resource, Scope};

/// The name of the policy inside of a derived role.
const DERIVED_POLICY: &str = "derived";

/// The address of the role that is derived for a resource.
fn derived_address(owner: &Address) -> Address {
    owner.part("role")
}

/// The ARN of the role that is derived for a resource.
pub(in crate::resource) fn derived_arn(owner: &Address, scope: &Scope) -> String {
    arn(scope, &own_path(scope), &derived_name(owner, scope))
}

/// The name of the role that is derived for a resource: `STACK-ID-crawler`, at most 64 characters.
pub fn derived_name(owner: &Address, scope: &Scope) -> String {
    let kind = owner.kind.trim_end_matches('s').replace('_', "-");
    let name = format!("{}-{}-{kind}", scope.stack, owner.id);
    if name.len() <= 64 {
        return name;
    }
    let hash = <sha2::Sha256 as sha2::Digest>::digest(name.as_bytes());
    format!(
        "{}-{:02x}{:02x}{:02x}{:02x}",
        &name[..55],
        hash[0],
        hash[1],
        hash[2],
        hash[3]
    )
}

/// The role that is derived for a resource, from its need and the facts of the stack.
pub fn derived(
    owner: &Address,
    need: &Need,
    home: &Home,
    facts: &[Fact],
    scope: &Scope,
) -> Arc<dyn Resource> {
    let mut inline = BTreeMap::new();
    let statements = need.statements(home, facts);
    if !statements.is_empty() {
        inline.insert(DERIVED_POLICY.to_owned(), document(&statements));
    }
    let name = derived_name(owner, scope);
    Arc::new(Role {
        identity: Identity::new(derived_address(owner), name, BTreeMap::new(), scope),
        path: own_path(scope),
        description: Some(format!("What {owner} needs, derived by athglue")),
        trust: of_principals(&[need.service().to_owned()]),
        inline,
        managed: BTreeSet::new(),
        // Who guards an account may set one by hand.
        manages_boundary: false,
        boundary: None,
        max_session_duration: None,
    })
}
