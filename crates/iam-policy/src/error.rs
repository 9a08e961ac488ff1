//! What is wrong with a document.

/// Why a text is no policy. The messages are those of `MalformedPolicyDocument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("This policy contains invalid Json")]
    NotJson,
    #[error("Syntax errors in policy.")]
    Syntax,
    #[error("Syntax error in policy: {0}")]
    Element(String),
    #[error("Statement IDs (SID) in a single policy must be unique.")]
    SidNotUnique,
    #[error(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
    )]
    SidNotAlphanumeric,
    #[error("Policy statement must contain actions.")]
    NoActions,
    #[error("Policy statement must contain resources.")]
    NoResources,
    #[error("Policy document should not specify a principal.")]
    PrincipalNotAllowed,
    #[error("Missing required field {0}")]
    Missing(&'static str),
    #[error("Has prohibited field {0}")]
    Prohibited(&'static str),
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    NoVendor,
    #[error("Resource {0} must be in ARN format or \"*\".")]
    NotAnArn(String),
    #[error("Invalid principal in policy: {0}")]
    Principal(String),
    #[error("AssumeRole policy may only specify STS AssumeRole actions.")]
    NotAssumeRole,
}
