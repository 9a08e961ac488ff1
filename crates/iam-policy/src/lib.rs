//! IAM policy documents: parse them, compare them in meaning, evaluate them.
//!
//! ```
//! use iam_policy::{Decision, Document, Policies, Principal, Request, evaluate};
//!
//! let identity = [Document::parse(
//!     r#"{"Version": "2012-10-17", "Statement":
//!         {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::lake/*"}}"#,
//! )?];
//! let principal = Principal::role("111122223333", "reader", "session");
//! let request = Request::new(principal, "s3:GetObject", "arn:aws:s3:::lake/films.csv");
//! assert_eq!(evaluate(&request, &Policies::of(&identity)), Decision::Allowed);
//! # Ok::<(), iam_policy::PolicyError>(())
//! ```

mod condition;
mod context;
mod document;
mod error;
mod evaluate;
mod meaning;
mod pattern;
mod request;

pub use condition::{Condition, Operator, Quantifier};
pub use context::Context;
pub use document::{Document, Effect, Kind, Named, Principals, Statement};
pub use error::PolicyError;
pub use evaluate::{Decision, Lacking, Policies, Source, evaluate, may_assume};
pub use meaning::same_meaning;
pub use pattern::covers;
pub use request::{Principal, Request};
