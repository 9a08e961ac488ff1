//! Whether a request is allowed.
//!
//! Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny
//! access", for requests within one account.

use crate::condition::{Operator, Quantifier};
use crate::context::Context;
use crate::document::{Document, Effect, Named, Principals, Statement};
use crate::pattern::Pattern;
use crate::request::{Principal, Request};

/// Everything that decides a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    /// Attached to the principal. The root of an account has none, and needs none.
    pub identity: &'a [Document],
    /// The most that `identity` can give.
    pub boundary: Option<&'a Document>,
    /// The most that a session can do, as its AssumeRole said; `None` without session policies.
    pub session: Option<&'a [Document]>,
    /// Attached to the resource.
    pub resource: Option<&'a Document>,
}

impl<'a> Policies<'a> {
    /// The policies of a principal, and nothing else.
    pub fn of(identity: &'a [Document]) -> Self {
        Self {
            identity,
            ..Self::default()
        }
    }
}

/// The kind of policy that a decision comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Identity,
    Boundary,
    Session,
    Resource,
}

/// The policy whose permission was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    Identity,
    Boundary,
    Session,
}

/// The outcome of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    /// A statement denies it.
    ExplicitDeny {
        source: Source,
        sid: Option<String>,
    },
    /// No statement allows it.
    ImplicitDeny {
        lacking: Lacking,
    },
}

/// Decides a request.
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    let bounded = policies.boundary.is_some();
    let asked = Asked { request, bounded };
    if let Some((source, statement)) = denial(&asked, policies) {
        return Decision::ExplicitDeny {
            source,
            sid: statement.sid.clone(),
        };
    }
    let granted = policies.resource.and_then(|policy| asked.grant(policy));
    if granted == Some(Grant::Directly) {
        return Decision::Allowed;
    }
    // The root has no policies, and needs none.
    let by_identity = matches!(request.principal, Principal::Root { .. })
        || policies
            .identity
            .iter()
            .any(|policy| asked.is_allowed_by(policy));
    let lacking = if !by_identity && granted != Some(Grant::ToRole) {
        Lacking::Identity
    } else if policies
        .boundary
        .is_some_and(|policy| !asked.is_allowed_by(policy))
    {
        Lacking::Boundary
    } else if policies
        .session
        .is_some_and(|session| !session.iter().any(|policy| asked.is_allowed_by(policy)))
    {
        Lacking::Session
    } else {
        return Decision::Allowed;
    };
    Decision::ImplicitDeny { lacking }
}

/// Whether a trust policy lets a principal assume its role. An account that is trusted as a whole
/// lets its principals in as far as their own policies do; that part is [`evaluate`]'s.
pub fn may_assume(trust: &Document, principal: &Principal, context: &Context) -> bool {
    let mut request = Request::new(principal.clone(), "sts:AssumeRole", "*");
    for (key, values) in context.iter() {
        request.context.set_all(key, values.to_vec());
    }
    let asked = Asked {
        request: &request,
        bounded: false,
    };
    asked.first(trust, Effect::Deny, true).is_none() && asked.grant(trust).is_some()
}

/// The first statement that denies, in the order in which AWS names them.
fn denial<'a>(asked: &Asked, policies: &Policies<'a>) -> Option<(Source, &'a Statement)> {
    let identity = policies.identity.iter().map(|p| (Source::Identity, p));
    let boundary = policies.boundary.map(|p| (Source::Boundary, p));
    let session = policies.session.into_iter().flatten();
    let session = session.map(|p| (Source::Session, p));
    let resource = policies.resource.map(|p| (Source::Resource, p));
    identity
        .chain(boundary)
        .chain(session)
        .chain(resource)
        .find_map(|(source, policy)| {
            let denies = asked.first(policy, Effect::Deny, source == Source::Resource)?;
            Some((source, denies))
        })
}

/// How the policy of a resource grants a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    /// To its account, which leaves the rest to the principal's own policies.
    ToAccount,
    /// To its role, or everyone: a boundary and session policies still limit it.
    ToRole,
    /// To the very user or session, which nothing limits but an explicit deny.
    Directly,
}

/// A request on its way through policies.
struct Asked<'a> {
    request: &'a Request,
    /// Whether its principal has a permissions boundary.
    bounded: bool,
}

impl Asked<'_> {
    /// The first statement of an effect that is about the request. Where the policy is a
    /// resource's, the statement has to name the principal.
    fn first<'d>(
        &self,
        policy: &'d Document,
        effect: Effect,
        of_resource: bool,
    ) -> Option<&'d Statement> {
        policy.statements.iter().find(|statement| {
            statement.effect == effect
                && (!of_resource || self.is_named_in(statement))
                && self.matches(statement, policy)
        })
    }

    fn is_allowed_by(&self, policy: &Document) -> bool {
        self.first(policy, Effect::Allow, false).is_some()
    }

    /// The widest grant of a resource's policy.
    fn grant(&self, policy: &Document) -> Option<Grant> {
        policy
            .statements
            .iter()
            .filter(|s| s.effect == Effect::Allow && self.is_named_in(s))
            .filter(|s| self.matches(s, policy))
            .map(|s| self.grant_of(s))
            .max()
    }

    fn grant_of(&self, statement: &Statement) -> Grant {
        let Some(principals) = &statement.principals else {
            return Grant::ToAccount;
        };
        let names = |arn: &str| principals.entries.iter().any(|(_, value)| value == arn);
        let names_everyone = principals.all_but || names("*");
        match &self.request.principal {
            Principal::Root { .. } | Principal::Service(_) => Grant::Directly,
            Principal::User { arn, .. } if names(arn) => Grant::Directly,
            Principal::Role { session_arn, .. } if names(session_arn) => Grant::Directly,
            // The wildcard with a condition on the principal's ARN means the principal itself.
            _ if names_everyone && is_held_to_a_principal(statement) => Grant::Directly,
            _ if names_everyone => Grant::ToRole,
            Principal::Role { role_arn, .. } if names(role_arn) => Grant::ToRole,
            Principal::User { .. } | Principal::Role { .. } => Grant::ToAccount,
        }
    }

    /// Whether a statement of a resource's policy is about the principal.
    fn is_named_in(&self, statement: &Statement) -> bool {
        let Some(principals) = &statement.principals else {
            return false;
        };
        let name = |arn: &String| is_named(principals, arn);
        let own = self.request.principal.arns();
        let is_service = |name: &str| {
            principals
                .entries
                .iter()
                .any(|(kind, value)| kind == "Service" && value == name)
        };
        let Principal::Service(service) = &self.request.principal else {
            return match (principals.all_but, statement.effect) {
                (false, _) => own.iter().any(name),
                (true, Effect::Allow) => !own.iter().any(name),
                // Who is to be left out of a denial has to be named with its role and account; one
                // with a boundary cannot be left out.
                (true, Effect::Deny) => self.bounded || !own.iter().all(name),
            };
        };
        is_service(service) != principals.all_but
    }

    /// Whether a statement is about the action and the resource, and its conditions hold.
    fn matches(&self, statement: &Statement, policy: &Document) -> bool {
        let context = &self.request.context;
        let variables = policy.has_variables.then_some(context);
        let action = self.request.action.to_ascii_lowercase();
        let acts = |pattern: &str| {
            let pattern = Pattern::new(&pattern.to_ascii_lowercase(), None);
            pattern.is_some_and(|pattern| pattern.matches(&action))
        };
        let is_on = |pattern: &str| {
            Pattern::resource(pattern, variables).is_some_and(|p| p.matches(&self.request.resource))
        };
        statement
            .actions
            .as_ref()
            .is_some_and(|n| is_among(n, acts))
            && statement
                .resources
                .as_ref()
                .is_none_or(|n| is_among(n, is_on))
            && statement
                .conditions
                .iter()
                .all(|c| c.holds(context, policy.has_variables))
    }
}

fn is_among(named: &Named, matches: impl Fn(&str) -> bool) -> bool {
    let found = named.patterns().iter().any(|p| matches(p));
    found != matches!(named, Named::AllBut(_))
}

/// Whether an ARN is among the principals, where an account's number stands for its root.
fn is_named(principals: &Principals, arn: &str) -> bool {
    let account = arn
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.strip_suffix(":root"));
    principals.entries.iter().any(|(kind, value)| {
        kind == "AWS" && (value == "*" || value == arn || account == Some(value))
    })
}

/// Whether a condition says which principal's ARN it has to be.
fn is_held_to_a_principal(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.key.eq_ignore_ascii_case("aws:PrincipalArn")
            && condition.quantifier == Quantifier::Single
            && !condition.if_exists
            && matches!(
                condition.operator,
                Operator::ArnEquals
                    | Operator::ArnLike
                    | Operator::StringEquals
                    | Operator::StringEqualsIgnoreCase
                    | Operator::StringLike
            )
    })
}
