//! Which other origins' pages may use the bucket from a browser.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, CallError, Fields, Problem, Work, built, call, unless_gone};

/// One rule of CORS.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// The rule's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255), extend("x-aws" = "PutBucketCors.CORSRules.ID"))]
    id: Option<String>,
    /// Headers that a preflight request may ask for; one `*` in each at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-aws" = "PutBucketCors.CORSRules.AllowedHeaders"))]
    allowed_headers: Vec<String>,
    /// What the origins may do.
    #[schemars(length(min = 1), extend("x-aws" = "PutBucketCors.CORSRules.AllowedMethods"))]
    allowed_methods: Vec<Method>,
    /// The origins, such as `https://films.example`; one `*` in each at most.
    #[schemars(length(min = 1), extend("x-aws" = "PutBucketCors.CORSRules.AllowedOrigins"))]
    allowed_origins: Vec<String>,
    /// Headers of the answer that a page may read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-aws" = "PutBucketCors.CORSRules.ExposeHeaders"))]
    expose_headers: Vec<String>,
    /// How long a browser may remember the answer to a preflight request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("x-aws" = "PutBucketCors.CORSRules.MaxAgeSeconds"))]
    max_age_seconds: Option<i32>,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Put,
    Head,
    Post,
    Delete,
}

impl Method {
    fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

impl Rule {
    fn to_sdk(&self) -> Result<CorsRule, CallError> {
        let list = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
        let methods = self.allowed_methods.iter();
        let rule = CorsRule::builder()
            .set_id(self.id.clone())
            .set_allowed_headers(list(&self.allowed_headers))
            .set_allowed_methods(Some(methods.map(|m| m.as_str().to_owned()).collect()))
            .set_allowed_origins(Some(self.allowed_origins.clone()))
            .set_expose_headers(list(&self.expose_headers))
            .set_max_age_seconds(self.max_age_seconds)
            .build();
        built("PutBucketCors", rule)
    }
}

fn shown(rule: &CorsRule) -> serde_json::Value {
    let mut shown = json!({
        "id": rule.id,
        "allowed_headers": rule.allowed_headers,
        "allowed_methods": rule.allowed_methods,
        "allowed_origins": rule.allowed_origins,
        "expose_headers": rule.expose_headers,
        "max_age_seconds": rule.max_age_seconds,
    });
    if let Some(members) = shown.as_object_mut() {
        members
            .retain(|_, value| !value.is_null() && value.as_array().is_none_or(|l| !l.is_empty()));
    }
    shown
}

pub(super) struct Cors;

const FIELD: &str = "cors_rules";

impl Setting for Cors {
    fn check(&self, bucket: &Bucket) -> Vec<Problem> {
        let rules = bucket.keys.cors_rules.iter().flatten().enumerate();
        let wildcards = |text: &String| text.matches('*').count() > 1;
        rules
            .filter(|(_, rule)| rule.allowed_origins.iter().any(wildcards))
            .map(|(i, _)| {
                let key = format!("{FIELD}.{i}.allowed_origins");
                Problem::new(&key, "an origin has more than one `*`", "one at most")
            })
            .collect()
    }

    fn desired(&self, bucket: &Bucket) -> Fields {
        let rules = bucket.keys.cors_rules.iter();
        rules
            .map(|rules| (FIELD.to_owned(), json!(rules)))
            .collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let request = cloud.s3.get_bucket_cors().bucket(bucket.name());
            let found = unless_gone(
                call!("GetBucketCors", request),
                &["NoSuchCORSConfiguration"],
            )?;
            let rules = found.and_then(|found| found.cors_rules);
            let rules: Vec<_> = rules.iter().flatten().map(shown).collect();
            Ok(Fields::from([(FIELD.to_owned(), json!(rules))]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([(FIELD.to_owned(), json!([]))])
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(rules) = &bucket.keys.cors_rules else {
                return Ok(());
            };
            let s3 = &work.cloud.s3;
            if rules.is_empty() {
                let request = s3.delete_bucket_cors().bucket(bucket.name());
                return call!("DeleteBucketCors", request).map(drop);
            }
            let rules = rules.iter().map(Rule::to_sdk).collect::<Result<_, _>>()?;
            let configuration = CorsConfiguration::builder()
                .set_cors_rules(Some(rules))
                .build();
            let request = s3
                .put_bucket_cors()
                .bucket(bucket.name())
                .cors_configuration(built("PutBucketCors", configuration)?);
            call!("PutBucketCors", request).map(drop)
        })
    }
}
