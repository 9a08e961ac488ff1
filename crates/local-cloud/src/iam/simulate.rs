//! The policy simulator: what policies would say of a request, without making it.

use iam_policy::{Decision, Document, Lacking, Policies, Principal, Request, Source, evaluate};

use super::{authorize, malformed, page, roles};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::iam::*;

/// What a simulation is about, whichever operation asked for it.
struct Simulation {
    principal: Principal,
    identity: Vec<Document>,
    boundary: Option<Document>,
    resource_policy: Option<String>,
    actions: Vec<String>,
    resources: Option<Vec<String>>,
    context: Vec<ContextEntry>,
    marker: Option<String>,
    max_items: Option<i32>,
}

fn parse(texts: Option<Vec<String>>) -> Result<Vec<Document>, ServiceError> {
    let parse = |text: &String| {
        Document::parse(text).map_err(|error| ServiceError::new("InvalidInput", error.to_string()))
    };
    texts.unwrap_or_default().iter().map(parse).collect()
}

pub async fn principal_policy(
    cloud: &Cloud,
    _: &Caller,
    input: SimulatePrincipalPolicyRequest,
) -> Result<SimulatePolicyResponse, ServiceError> {
    let arn = &input.policy_source_arn;
    let name = arn.rsplit('/').next().unwrap_or_default();
    let role = cloud
        .store()
        .read(|c| roles::find(c, name))?
        .filter(|role| role.arn(cloud.account()) == *arn)
        .ok_or_else(|| roles::no_such_role(name))?;
    let own =
        authorize::permissions(cloud, &role.name)?.ok_or_else(|| roles::no_such_role(name))?;
    let mut identity = own.identity().to_vec();
    identity.extend(parse(input.policy_input_list)?);
    let boundary = parse(input.permissions_boundary_policy_input_list)?
        .pop()
        .or_else(|| own.boundary().cloned());
    simulate(Simulation {
        principal: Principal::Role {
            account: cloud.account().to_owned(),
            role_arn: arn.clone(),
            session_arn: Caller::assumed(cloud.account(), "", &role.name, "simulation").arn(),
        },
        identity,
        boundary,
        resource_policy: input.resource_policy,
        actions: input.action_names,
        resources: input.resource_arns,
        context: input.context_entries.unwrap_or_default(),
        marker: input.marker,
        max_items: input.max_items,
    })
}

pub async fn custom_policy(
    cloud: &Cloud,
    _: &Caller,
    input: SimulateCustomPolicyRequest,
) -> Result<SimulatePolicyResponse, ServiceError> {
    simulate(Simulation {
        principal: Principal::role(cloud.account(), "simulation", "simulation"),
        identity: parse(Some(input.policy_input_list))?,
        boundary: parse(input.permissions_boundary_policy_input_list)?.pop(),
        resource_policy: input.resource_policy,
        actions: input.action_names,
        resources: input.resource_arns,
        context: input.context_entries.unwrap_or_default(),
        marker: input.marker,
        max_items: input.max_items,
    })
}

fn simulate(simulation: Simulation) -> Result<SimulatePolicyResponse, ServiceError> {
    let resource_policy = simulation
        .resource_policy
        .as_deref()
        .map(|text| Document::parse(text).map_err(malformed))
        .transpose()?;
    let resources = simulation
        .resources
        .filter(|r| !r.is_empty())
        .unwrap_or_else(|| vec!["*".to_owned()]);
    let mut results = Vec::new();
    for action in &simulation.actions {
        for resource in &resources {
            let mut request = Request::new(simulation.principal.clone(), action, resource);
            for entry in &simulation.context {
                if let (Some(key), Some(values)) =
                    (&entry.context_key_name, &entry.context_key_values)
                {
                    request.context.set_all(key, values.clone());
                }
            }
            let policies = Policies {
                identity: &simulation.identity,
                boundary: simulation.boundary.as_ref(),
                session: None,
                resource: resource_policy.as_ref(),
            };
            let decision = evaluate(&request, &policies);
            results.push(shown(
                action,
                resource,
                &decision,
                simulation.boundary.is_some(),
            ));
        }
    }
    let numbered: Vec<(usize, EvaluationResult)> = results.into_iter().enumerate().collect();
    let (shown, marker) = page(
        numbered,
        simulation.marker.as_deref(),
        simulation.max_items,
        |(i, _)| format!("{i:08}"),
    )?;
    Ok(SimulatePolicyResponse {
        evaluation_results: Some(shown.into_iter().map(|(_, result)| result).collect()),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}

fn shown(
    action: &str,
    resource: &str,
    decision: &Decision,
    has_boundary: bool,
) -> EvaluationResult {
    let word = match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitDeny { .. } => "explicitDeny",
        Decision::ImplicitDeny { .. } => "implicitDeny",
    };
    let by_boundary = matches!(
        decision,
        Decision::ExplicitDeny {
            source: Source::Boundary,
            ..
        } | Decision::ImplicitDeny {
            lacking: Lacking::Boundary
        }
    );
    EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_resource_name: Some(resource.to_owned()),
        eval_decision: word.to_owned(),
        matched_statements: Some(Vec::new()),
        missing_context_values: Some(Vec::new()),
        permissions_boundary_decision_detail: has_boundary.then_some(
            PermissionsBoundaryDecisionDetail {
                allowed_by_permissions_boundary: Some(!by_boundary),
            },
        ),
        ..EvaluationResult::default()
    }
}
