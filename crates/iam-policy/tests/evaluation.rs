//! The cases of AWS's policy evaluation, each with the page of the IAM User Guide it comes from.

use iam_policy::{
    Decision, Document, Lacking, Policies, Principal, Request, Source, evaluate, may_assume,
};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

/// "How AWS enforcement code logic evaluates requests to allow or deny access"
const LOGIC: &str = "reference_policies_evaluation-logic_policy-eval-denyallow.html";
/// "The difference between explicit and implicit denies"
const DENIES: &str = "reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html";
/// "Permissions boundaries for IAM entities"
const BOUNDARIES: &str = "access_policies_boundaries.html";
/// "Policies and permissions in AWS Identity and Access Management", session policies
const SESSIONS: &str = "access_policies.html#policies_session";
/// "AWS JSON policy elements: Principal"
const PRINCIPAL: &str = "reference_policies_elements_principal.html";
/// "AWS JSON policy elements: NotPrincipal"
const NOT_PRINCIPAL: &str = "reference_policies_elements_notprincipal.html";
/// "IAM JSON policy elements: Action"
const ACTION: &str = "reference_policies_elements_action.html";
/// "IAM JSON policy elements: NotAction"
const NOT_ACTION: &str = "reference_policies_elements_notaction.html";
/// "IAM JSON policy elements: Resource"
const RESOURCE: &str = "reference_policies_elements_resource.html";
/// "IAM JSON policy elements: NotResource"
const NOT_RESOURCE: &str = "reference_policies_elements_notresource.html";
/// "IAM policy elements: Variables and tags"
const VARIABLES: &str = "reference_policies_variables.html";
/// "IAM JSON policy elements: Condition operators"
const OPERATORS: &str = "reference_policies_elements_condition_operators.html";
/// "Multivalued context keys"
const SETS: &str = "reference_policies_condition-single-vs-multi-valued-context-keys.html";
/// "Conditions with multiple context keys or values"
const MANY: &str = "reference_policies_condition-logic-multiple-context-keys-or-values.html";
/// "AWS global condition context keys"
const KEYS: &str = "reference_policies_condition-keys.html";
/// "Grant a user permissions to pass a role to an AWS service"
const PASS_ROLE: &str = "id_roles_use_passrole.html";
/// "The confused deputy problem"
const DEPUTY: &str = "confused-deputy.html";

/// A request and all that decides it.
struct Case {
    page: &'static str,
    says: &'static str,
    request: Request,
    identity: Vec<Document>,
    boundary: Option<Document>,
    session: Option<Vec<Document>>,
    resource: Option<Document>,
}

fn policy(statements: Value) -> Document {
    policy_of("2012-10-17", statements)
}

fn policy_of(version: &str, statements: Value) -> Document {
    Document::from_value(&json!({"Version": version, "Statement": statements})).unwrap()
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn deny(action: &str, resource: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

fn to(principal: Value, mut statement: Value) -> Value {
    statement["Principal"] = principal;
    statement
}

fn reader() -> Principal {
    Principal::role(ACCOUNT, "reader", "s")
}

fn reader_arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/reader")
}

fn session_arn() -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/reader/s")
}

fn root_arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:root")
}

/// A session of the role `reader` gets an object.
fn case(page: &'static str, says: &'static str) -> Case {
    Case {
        page,
        says,
        request: Request::new(reader(), "s3:GetObject", "arn:aws:s3:::b/films/k"),
        identity: Vec::new(),
        boundary: None,
        session: None,
        resource: None,
    }
}

impl Case {
    fn by(mut self, principal: Principal) -> Self {
        self.request = Request::new(principal, &self.request.action, &self.request.resource);
        self
    }

    fn asks(mut self, action: &str, resource: &str) -> Self {
        action.clone_into(&mut self.request.action);
        resource.clone_into(&mut self.request.resource);
        self
    }

    fn with(mut self, key: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|v| (*v).to_owned()).collect();
        self.request.context.set_all(key, values);
        self
    }

    fn identity(mut self, statements: Value) -> Self {
        self.identity.push(policy(statements));
        self
    }

    fn boundary(mut self, statements: Value) -> Self {
        self.boundary = Some(policy(statements));
        self
    }

    fn session(mut self, statements: Value) -> Self {
        self.session
            .get_or_insert_default()
            .push(policy(statements));
        self
    }

    fn resource(mut self, statements: Value) -> Self {
        self.resource = Some(policy(statements));
        self
    }

    #[track_caller]
    fn is(self, expected: Decision) {
        let policies = Policies {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            session: self.session.as_deref(),
            resource: self.resource.as_ref(),
        };
        let decision = evaluate(&self.request, &policies);
        assert_eq!(decision, expected, "{}: {}", self.page, self.says);
    }

    #[track_caller]
    fn allowed(self) {
        self.is(Decision::Allowed);
    }

    #[track_caller]
    fn denied(self, source: Source) {
        self.is(Decision::ExplicitDeny { source, sid: None });
    }

    #[track_caller]
    fn lacks(self, lacking: Lacking) {
        self.is(Decision::ImplicitDeny { lacking });
    }
}

#[test]
fn a_denial_wins_and_what_nothing_allows_is_denied() {
    case(LOGIC, "by default, all requests are denied").lacks(Lacking::Identity);
    case(LOGIC, "an explicit allow overrides this default")
        .identity(allow("*", "*"))
        .allowed();
    case(LOGIC, "the root has full access by default")
        .by(Principal::Root {
            account: ACCOUNT.to_owned(),
        })
        .allowed();
    case(
        DENIES,
        "an explicit deny in any policy overrides any allows",
    )
    .identity(allow("*", "*"))
    .identity(deny("s3:Get*", "arn:aws:s3:::b/films/*"))
    .denied(Source::Identity);
    case(DENIES, "a deny of something else does not matter")
        .identity(json!([allow("*", "*"), deny("s3:Put*", "*")]))
        .allowed();
    case(
        DENIES,
        "a deny in a resource-based policy overrides an identity-based allow",
    )
    .identity(allow("*", "*"))
    .resource(to(json!("*"), deny("s3:*", "*")))
    .denied(Source::Resource);
    case(
        DENIES,
        "a deny in a resource-based policy is about the root, too",
    )
    .by(Principal::Root {
        account: ACCOUNT.to_owned(),
    })
    .resource(to(json!("*"), deny("s3:*", "*")))
    .denied(Source::Resource);
    case(
        DENIES,
        "a deny in a boundary overrides an allow of a resource-based policy",
    )
    .boundary(json!([allow("*", "*"), deny("s3:*", "*")]))
    .resource(to(json!({"AWS": session_arn()}), allow("s3:*", "*")))
    .denied(Source::Boundary);
    case(DENIES, "a deny in a session policy overrides an allow")
        .identity(allow("*", "*"))
        .session(json!([allow("*", "*"), deny("s3:GetObject", "*")]))
        .denied(Source::Session);
}

#[test]
fn the_policy_of_a_resource_gives_what_no_other_policy_gives() {
    let by = |principal: Value| to(principal, allow("s3:GetObject", "arn:aws:s3:::b/*"));
    case(LOGIC, "within an account either policy may allow")
        .resource(by(json!({"AWS": reader_arn()})))
        .allowed();
    case(
        LOGIC,
        "a role's ARN is limited by an implicit deny in a boundary",
    )
    .resource(by(json!({"AWS": reader_arn()})))
    .boundary(allow("glue:*", "*"))
    .lacks(Lacking::Boundary);
    case(
        LOGIC,
        "a role's ARN is limited by an implicit deny in a session policy",
    )
    .resource(by(json!({"AWS": reader_arn()})))
    .session(allow("glue:*", "*"))
    .lacks(Lacking::Session);
    case(LOGIC, "a session's ARN is limited by no implicit deny")
        .resource(by(json!({"AWS": session_arn()})))
        .boundary(allow("glue:*", "*"))
        .session(allow("glue:*", "*"))
        .allowed();
    let mut held = by(json!("*"));
    held["Condition"] = json!({"ArnEquals": {"aws:PrincipalArn": reader_arn()}});
    case(
        LOGIC,
        "the wildcard with aws:PrincipalArn is limited by no boundary",
    )
    .resource(held.clone())
    .boundary(allow("glue:*", "*"))
    .allowed();
    case(
        LOGIC,
        "the wildcard with the ARN of another role is about that one",
    )
    .by(Principal::role(ACCOUNT, "writer", "s"))
    .resource(held)
    .lacks(Lacking::Identity);
    case(LOGIC, "a user's ARN is limited by no implicit deny")
        .by(Principal::user(ACCOUNT, "ana"))
        .resource(by(
            json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/ana")}),
        ))
        .boundary(allow("glue:*", "*"))
        .allowed();
    case(
        PRINCIPAL,
        "an account delegates to the policies of its principals",
    )
    .resource(by(json!({"AWS": ACCOUNT})))
    .lacks(Lacking::Identity);
    case(
        PRINCIPAL,
        "an account's number and its root's ARN say the same",
    )
    .by(Principal::Root {
        account: ACCOUNT.to_owned(),
    })
    .resource(to(json!({"AWS": root_arn()}), deny("s3:*", "*")))
    .denied(Source::Resource);
    case(PRINCIPAL, "the wildcard is everyone")
        .resource(by(json!("*")))
        .allowed();
    case(PRINCIPAL, "another role is not meant")
        .resource(by(
            json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:role/other")}),
        ))
        .lacks(Lacking::Identity);
    case(PRINCIPAL, "a service is no principal of the account")
        .resource(by(json!({"Service": "glue.amazonaws.com"})))
        .lacks(Lacking::Identity);
}

#[test]
fn a_principal_is_left_out_of_a_denial_by_all_of_its_names() {
    let but = |names: Value| json!({"Effect": "Deny", "NotPrincipal": {"AWS": names}, "Action": "s3:*", "Resource": "*"});
    let all = json!([session_arn(), reader_arn(), root_arn()]);
    let asks = |says| case(NOT_PRINCIPAL, says).identity(allow("s3:*", "*"));
    asks("the session, its role and its account are named")
        .resource(but(all.clone()))
        .allowed();
    asks("without the account it is denied")
        .resource(but(json!([session_arn(), reader_arn()])))
        .denied(Source::Resource);
    asks("without the session it is denied")
        .resource(but(json!([reader_arn(), root_arn()])))
        .denied(Source::Resource);
    asks("one with a boundary is denied whatever is named")
        .boundary(allow("*", "*"))
        .resource(but(all))
        .denied(Source::Resource);
}

#[test]
fn a_boundary_and_session_policies_only_limit() {
    case(BOUNDARIES, "a boundary gives nothing on its own")
        .boundary(allow("*", "*"))
        .lacks(Lacking::Identity);
    case(BOUNDARIES, "what both allow is allowed")
        .identity(allow("s3:*", "*"))
        .boundary(allow("*", "arn:aws:s3:::b/*"))
        .allowed();
    case(BOUNDARIES, "what the boundary does not allow is denied")
        .identity(allow("*", "*"))
        .boundary(allow("glue:*", "*"))
        .lacks(Lacking::Boundary);
    case(SESSIONS, "session policies give nothing on their own")
        .session(allow("*", "*"))
        .lacks(Lacking::Identity);
    case(SESSIONS, "the session's permissions are the intersection")
        .identity(allow("*", "*"))
        .session(allow("s3:*", "*"))
        .allowed();
    case(SESSIONS, "what no session policy allows is denied")
        .identity(allow("*", "*"))
        .session(allow("glue:*", "*"))
        .lacks(Lacking::Session);
    case(SESSIONS, "one of several session policies is enough")
        .identity(allow("*", "*"))
        .session(allow("glue:*", "*"))
        .session(allow("s3:*", "*"))
        .allowed();
}

#[test]
fn elements_match_as_their_pages_say() {
    let gives = |page, says, statement: Value| case(page, says).identity(statement);
    gives(
        ACTION,
        "the case of actions does not count",
        allow("S3:getobject", "*"),
    )
    .allowed();
    gives(ACTION, "* is any characters", allow("s3:*Object", "*")).allowed();
    gives(ACTION, "? is one character", allow("s3:?etObject", "*")).allowed();
    gives(ACTION, "? is not none", allow("s3:?GetObject", "*")).lacks(Lacking::Identity);
    let not_action =
        |action: &str| json!({"Effect": "Allow", "NotAction": action, "Resource": "*"});
    gives(
        NOT_ACTION,
        "everything but what is listed",
        not_action("iam:*"),
    )
    .allowed();
    gives(
        NOT_ACTION,
        "what is listed is not allowed",
        not_action("s3:*"),
    )
    .lacks(Lacking::Identity);
    case(NOT_ACTION, "a denial of everything but what is listed")
        .identity(
            json!([allow("*", "*"), {"Effect": "Deny", "NotAction": "glue:*", "Resource": "*"}]),
        )
        .denied(Source::Identity);
    gives(
        RESOURCE,
        "* goes over slashes",
        allow("s3:*", "arn:aws:s3:::b/*"),
    )
    .allowed();
    gives(
        RESOURCE,
        "a bucket is not its objects",
        allow("s3:*", "arn:aws:s3:::b"),
    )
    .lacks(Lacking::Identity);
    gives(
        RESOURCE,
        "the case of resources counts",
        allow("s3:*", "arn:aws:s3:::B/*"),
    )
    .lacks(Lacking::Identity);
    gives(
        RESOURCE,
        "an ARN that is cut off goes on with *",
        allow("s3:*", "arn:aws:s3"),
    )
    .allowed();
    case(RESOURCE, "a * at the end of a part goes over colons")
        .asks(
            "states:StartExecution",
            "arn:aws:states:eu-west-1:1:stateMachine:m",
        )
        .identity(allow("states:*", "arn:aws:states:*:m"))
        .allowed();
    let not_resource =
        |resource: &str| json!({"Effect": "Allow", "Action": "s3:*", "NotResource": resource});
    gives(
        NOT_RESOURCE,
        "everything but what is listed",
        not_resource("arn:aws:s3:::other/*"),
    )
    .allowed();
    gives(
        NOT_RESOURCE,
        "what is listed is not allowed",
        not_resource("arn:aws:s3:::b/*"),
    )
    .lacks(Lacking::Identity);
}

#[test]
fn variables_stand_for_the_requests_own_values() {
    let home = "arn:aws:s3:::b/${aws:username}/*";
    case(VARIABLES, "in a resource")
        .by(Principal::user(ACCOUNT, "ana"))
        .asks("s3:GetObject", "arn:aws:s3:::b/ana/k")
        .identity(allow("s3:*", home))
        .allowed();
    case(VARIABLES, "another user's folder is another's")
        .by(Principal::user(ACCOUNT, "ben"))
        .asks("s3:GetObject", "arn:aws:s3:::b/ana/k")
        .identity(allow("s3:*", home))
        .lacks(Lacking::Identity);
    case(VARIABLES, "a role has no aws:username, so nothing matches")
        .asks("s3:GetObject", "arn:aws:s3:::b/ana/k")
        .identity(allow("s3:*", home))
        .lacks(Lacking::Identity);
    case(VARIABLES, "a default value stands in for a missing key")
        .identity(allow(
            "s3:*",
            "arn:aws:s3:::b/${aws:PrincipalTag/team, 'films'}/*",
        ))
        .allowed();
    case(VARIABLES, "a tag of the principal")
        .with("aws:PrincipalTag/team", &["films"])
        .identity(allow("s3:*", "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"))
        .allowed();
    case(VARIABLES, "in a condition")
        .with("aws:PrincipalTag/team", &["films"])
        .with("aws:ResourceTag/team", &["films"])
        .identity(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}}))
        .allowed();
    case(VARIABLES, "in the account of an ARN")
        .with("aws:SourceArn", &["arn:aws:glue:eu-west-1:111122223333:crawler/c"])
        .identity(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:glue:*:${aws:PrincipalAccount}:crawler/*"}}}))
        .allowed();
    case(VARIABLES, "${*} is a star that is meant")
        .asks("s3:GetObject", "arn:aws:s3:::b/x")
        .identity(allow("s3:*", "arn:aws:s3:::b/${*}"))
        .lacks(Lacking::Identity);
    let mut old = case(VARIABLES, "the version 2008-10-17 has no variables");
    old.identity = vec![policy_of(
        "2008-10-17",
        allow("s3:*", "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"),
    )];
    old.with("aws:PrincipalTag/team", &["films"])
        .lacks(Lacking::Identity);
    case(
        VARIABLES,
        "numbers, dates, booleans and addresses take none",
    )
    .with("aws:PrincipalTag/most", &["10"])
    .with("s3:max-keys", &["5"])
    .identity(json!({"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"NumericLessThan": {"s3:max-keys": "${aws:PrincipalTag/most}"}}}))
    .lacks(Lacking::Identity);
}

/// A row of a table: the page, the condition, the key and its values in the request, whether it holds.
type Row<'a> = (&'a str, Value, &'a str, &'a [&'a str], bool);

fn check(rows: &[Row]) {
    for (page, condition, key, values, holds) in rows {
        let mut request = Request::new(reader(), "s3:GetObject", "arn:aws:s3:::b/k");
        if !values.is_empty() {
            let values = values.iter().map(|v| (*v).to_owned()).collect();
            request.context.set_all(key, values);
        }
        let mut statement = allow("*", "*");
        statement["Condition"] = condition.clone();
        let identity = [policy(statement)];
        let decision = evaluate(&request, &Policies::of(&identity));
        assert_eq!(
            decision == Decision::Allowed,
            *holds,
            "{page}: {condition} with {key} = {values:?}"
        );
    }
}

#[test]
fn every_operator_compares_as_its_page_says() {
    let one = |operator: &str, key: &str, value: &str| json!({operator: {key: value}});
    let tag = "aws:PrincipalTag/t";
    let time = "aws:CurrentTime";
    let noon = "2026-01-01T12:00:00Z";
    let ip = "aws:SourceIp";
    let arn = "aws:SourceArn";
    let crawler = "arn:aws:glue:eu-west-1:111122223333:crawler/c";
    check(&[
        (OPERATORS, one("StringEquals", tag, "a"), tag, &["a"], true),
        (OPERATORS, one("StringEquals", tag, "a"), tag, &["A"], false),
        (
            OPERATORS,
            one("StringEquals", tag, "a*"),
            tag,
            &["ab"],
            false,
        ),
        (
            OPERATORS,
            one("StringNotEquals", tag, "a"),
            tag,
            &["b"],
            true,
        ),
        (
            OPERATORS,
            one("StringNotEquals", tag, "a"),
            tag,
            &["a"],
            false,
        ),
        (
            OPERATORS,
            one("StringEqualsIgnoreCase", tag, "a"),
            tag,
            &["A"],
            true,
        ),
        (
            OPERATORS,
            one("StringNotEqualsIgnoreCase", tag, "a"),
            tag,
            &["A"],
            false,
        ),
        (
            OPERATORS,
            one("StringLike", tag, "a*c?"),
            tag,
            &["abcd"],
            true,
        ),
        (
            OPERATORS,
            one("StringLike", tag, "a*c?"),
            tag,
            &["abc"],
            false,
        ),
        (
            OPERATORS,
            one("StringNotLike", tag, "a*"),
            tag,
            &["abc"],
            false,
        ),
        (
            OPERATORS,
            one("NumericEquals", tag, "10"),
            tag,
            &["10.0"],
            true,
        ),
        (
            OPERATORS,
            one("NumericNotEquals", tag, "10"),
            tag,
            &["11"],
            true,
        ),
        (
            OPERATORS,
            one("NumericLessThan", tag, "10"),
            tag,
            &["9"],
            true,
        ),
        (
            OPERATORS,
            one("NumericLessThan", tag, "10"),
            tag,
            &["10"],
            false,
        ),
        (
            OPERATORS,
            one("NumericLessThanEquals", tag, "10"),
            tag,
            &["10"],
            true,
        ),
        (
            OPERATORS,
            one("NumericGreaterThan", tag, "10"),
            tag,
            &["9"],
            false,
        ),
        (
            OPERATORS,
            one("NumericGreaterThanEquals", tag, "10"),
            tag,
            &["10"],
            true,
        ),
        (
            OPERATORS,
            one("DateEquals", time, noon),
            time,
            &[noon],
            true,
        ),
        (
            OPERATORS,
            one("DateNotEquals", time, noon),
            time,
            &[noon],
            false,
        ),
        (
            OPERATORS,
            one("DateLessThan", time, "2026-01-02"),
            time,
            &[noon],
            true,
        ),
        (
            OPERATORS,
            one("DateLessThanEquals", time, noon),
            time,
            &[noon],
            true,
        ),
        (
            OPERATORS,
            one("DateGreaterThan", time, "1767268800"),
            time,
            &[noon],
            false,
        ),
        (
            OPERATORS,
            one("DateGreaterThanEquals", time, "1767268800"),
            time,
            &[noon],
            true,
        ),
        (
            OPERATORS,
            one("Bool", "aws:SecureTransport", "true"),
            "aws:SecureTransport",
            &["true"],
            true,
        ),
        (
            OPERATORS,
            one("Bool", "aws:SecureTransport", "false"),
            "aws:SecureTransport",
            &["true"],
            false,
        ),
        (
            OPERATORS,
            one("BinaryEquals", tag, "QmluYXJ5"),
            tag,
            &["QmluYXJ5"],
            true,
        ),
        (
            OPERATORS,
            one("IpAddress", ip, "203.0.113.0/24"),
            ip,
            &["203.0.113.7"],
            true,
        ),
        (
            OPERATORS,
            one("IpAddress", ip, "203.0.113.0/24"),
            ip,
            &["203.0.114.7"],
            false,
        ),
        (
            OPERATORS,
            one("IpAddress", ip, "2001:db8::/32"),
            ip,
            &["2001:db8:1::1"],
            true,
        ),
        (
            OPERATORS,
            one("NotIpAddress", ip, "203.0.113.7"),
            ip,
            &["203.0.113.7"],
            false,
        ),
        (
            OPERATORS,
            one("ArnEquals", arn, "arn:aws:glue:*:*:crawler/*"),
            arn,
            &[crawler],
            true,
        ),
        (
            OPERATORS,
            one("ArnLike", arn, "arn:aws:glue:eu-*:111122223333:crawler/?"),
            arn,
            &[crawler],
            true,
        ),
        (
            OPERATORS,
            one("ArnLike", arn, "arn:aws:*:crawler/c"),
            arn,
            &[crawler],
            false,
        ),
        (
            OPERATORS,
            one("ArnNotEquals", arn, crawler),
            arn,
            &[crawler],
            false,
        ),
        (
            OPERATORS,
            one("ArnNotLike", arn, "arn:aws:states:*:*:*"),
            arn,
            &[crawler],
            true,
        ),
        (OPERATORS, one("Null", tag, "true"), tag, &[], true),
        (OPERATORS, one("Null", tag, "true"), tag, &["a"], false),
        (OPERATORS, one("Null", tag, "false"), tag, &["a"], true),
    ]);
}

#[test]
fn a_missing_key_fails_a_comparison_unless_it_is_a_negation_or_ends_in_if_exists() {
    let one = |operator: &str| json!({operator: {"aws:PrincipalTag/t": "5"}});
    let tag = "aws:PrincipalTag/t";
    let missing: &[&str] = &[];
    let mut rows = Vec::new();
    for operator in [
        "StringEquals",
        "StringEqualsIgnoreCase",
        "StringLike",
        "NumericEquals",
        "NumericLessThan",
        "DateEquals",
        "Bool",
        "BinaryEquals",
        "IpAddress",
        "ArnEquals",
        "ArnLike",
    ] {
        rows.push((OPERATORS, one(operator), tag, missing, false));
        rows.push((
            OPERATORS,
            one(&format!("{operator}IfExists")),
            tag,
            missing,
            true,
        ));
    }
    for operator in [
        "StringNotEquals",
        "StringNotEqualsIgnoreCase",
        "StringNotLike",
        "NumericNotEquals",
        "DateNotEquals",
        "NotIpAddress",
        "ArnNotEquals",
        "ArnNotLike",
    ] {
        rows.push((OPERATORS, one(operator), tag, missing, true));
        rows.push((
            OPERATORS,
            one(&format!("{operator}IfExists")),
            tag,
            missing,
            true,
        ));
    }
    rows.push((OPERATORS, one("StringEqualsIfExists"), tag, &["4"], false));
    check(&rows);
}

#[test]
fn sets_of_values_are_quantified() {
    let keys = "aws:TagKeys";
    let set = |quantifier: &str| json!({format!("{quantifier}:StringEquals"): {"aws:TagKeys": ["a", "b"]}});
    let not = |quantifier: &str| json!({format!("{quantifier}:StringNotEquals"): {"aws:TagKeys": ["a", "b"]}});
    check(&[
        (SETS, set("ForAllValues"), keys, &["a", "b"], true),
        (SETS, set("ForAllValues"), keys, &["a", "c"], false),
        (SETS, set("ForAllValues"), keys, &[], true),
        (SETS, set("ForAnyValue"), keys, &["a", "c"], true),
        (SETS, set("ForAnyValue"), keys, &["c"], false),
        (SETS, set("ForAnyValue"), keys, &[], false),
        (SETS, not("ForAllValues"), keys, &["c", "d"], true),
        (SETS, not("ForAllValues"), keys, &["a", "c"], false),
        (SETS, not("ForAnyValue"), keys, &["a", "c"], true),
        (SETS, not("ForAnyValue"), keys, &["a", "b"], false),
    ]);
}

#[test]
fn several_keys_and_several_values_are_joined() {
    let tag = "aws:PrincipalTag/t";
    check(&[
        (
            MANY,
            json!({"StringEquals": {tag: ["a", "b"]}}),
            tag,
            &["b"],
            true,
        ),
        (
            MANY,
            json!({"StringNotEquals": {tag: ["a", "b"]}}),
            tag,
            &["b"],
            false,
        ),
        (
            MANY,
            json!({"StringEquals": {tag: "b", "aws:PrincipalAccount": ACCOUNT}}),
            tag,
            &["b"],
            true,
        ),
        (
            MANY,
            json!({"StringEquals": {tag: "b", "aws:PrincipalAccount": "4"}}),
            tag,
            &["b"],
            false,
        ),
        (
            MANY,
            json!({"StringEquals": {tag: "b"}, "Null": {tag: "true"}}),
            tag,
            &["b"],
            false,
        ),
    ]);
}

#[test]
fn the_common_keys_are_there() {
    let principal = reader_arn();
    check(&[
        (
            KEYS,
            json!({"ArnEquals": {"aws:PrincipalArn": principal}}),
            "",
            &[],
            true,
        ),
        (
            KEYS,
            json!({"StringEquals": {"AWS:principalarn": principal}}),
            "",
            &[],
            true,
        ),
        (
            KEYS,
            json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
            "",
            &[],
            true,
        ),
        (
            KEYS,
            json!({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}),
            "",
            &[],
            true,
        ),
        (
            KEYS,
            json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
            "",
            &[],
            true,
        ),
        (
            KEYS,
            json!({"Bool": {"aws:ViaAWSService": "false"}}),
            "",
            &[],
            true,
        ),
        (
            KEYS,
            json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
            "aws:RequestedRegion",
            &["eu-west-1"],
            true,
        ),
        (
            KEYS,
            json!({"StringLike": {"s3:prefix": ["films", "films/*"]}}),
            "s3:prefix",
            &["films/1"],
            true,
        ),
        (
            KEYS,
            json!({"StringLike": {"s3:prefix": ["films", "films/*"]}}),
            "s3:prefix",
            &["films-old"],
            false,
        ),
        (
            PASS_ROLE,
            json!({"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}),
            "iam:PassedToService",
            &["glue.amazonaws.com"],
            true,
        ),
        (
            PASS_ROLE,
            json!({"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}),
            "iam:PassedToService",
            &["states.amazonaws.com"],
            false,
        ),
    ]);
}

#[test]
fn a_trust_policy_lets_in_whom_it_names_under_its_conditions() {
    let glue = Principal::Service("glue.amazonaws.com".to_owned());
    let trust = |statement: Value| {
        let mut statement = statement;
        statement["Action"] = json!("sts:AssumeRole");
        policy(statement)
    };
    let services = json!({"Service": ["glue.amazonaws.com", "states.amazonaws.com"]});
    let plain = trust(json!({"Effect": "Allow", "Principal": services}));
    let mut context = iam_policy::Context::default();
    assert!(may_assume(&plain, &glue, &context), "{PRINCIPAL}");
    let athena = Principal::Service("athena.amazonaws.com".to_owned());
    assert!(!may_assume(&plain, &athena, &context), "{PRINCIPAL}");
    assert!(!may_assume(&plain, &reader(), &context), "{PRINCIPAL}");
    let held = trust(
        json!({"Effect": "Allow", "Principal": services, "Condition": {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": format!("arn:aws:glue:*:{ACCOUNT}:crawler/films")}}}),
    );
    assert!(!may_assume(&held, &glue, &context), "{DEPUTY}");
    context.set("aws:SourceAccount", ACCOUNT);
    context.set(
        "aws:SourceArn",
        format!("arn:aws:glue:eu-west-1:{ACCOUNT}:crawler/films"),
    );
    assert!(may_assume(&held, &glue, &context), "{DEPUTY}");
    context.set(
        "aws:SourceArn",
        format!("arn:aws:glue:eu-west-1:{ACCOUNT}:crawler/other"),
    );
    assert!(!may_assume(&held, &glue, &context), "{DEPUTY}");
    let account = trust(json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}}));
    assert!(may_assume(&account, &reader(), &context), "{PRINCIPAL}");
}
