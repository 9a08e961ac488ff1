//! Short names for the settings that most workgroups have.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::configuration::{Configuration, Encryption, EngineName, EngineVersion, Results};
use crate::resource::Problem;
use crate::stack::types::{ByteSize, S3Path};

/// Settings under short names; each stands for one under the API's name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Shorthands {
    /// The folder that results are written to. Taken out of the file, it goes.
    #[schemars(extend("x-aws" = "ResultConfiguration.OutputLocation"))]
    results: Option<S3Path>,
    /// How results are encrypted: `SSE_S3`, or a table with `encryption_option` and `kms_key`.
    /// Taken out of the file, it goes.
    #[schemars(extend("x-aws" = "ResultConfiguration.EncryptionConfiguration"))]
    encryption: Option<ShortEncryption>,
    /// The account that the bucket of the results has to be of. Taken out of the file, it goes.
    #[schemars(
        regex(pattern = r"^[0-9]{12}$"),
        extend("x-aws" = "ResultConfiguration.ExpectedBucketOwner")
    )]
    expected_bucket_owner: Option<String>,
    /// Whether these settings win over those of a client. AWS's default: true.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.EnforceWorkGroupConfiguration"))]
    enforce: Option<bool>,
    /// Whether CloudWatch gets metrics.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.PublishCloudWatchMetricsEnabled"))]
    publish_metrics: Option<bool>,
    /// A query that would read more is cancelled: a number of bytes, or `10 GB`, `1.5 TiB`. At
    /// least 10 MB. Taken out of the file, the limit goes.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.BytesScannedCutoffPerQuery"))]
    bytes_scanned_cutoff: Option<Size>,
    /// Whether queries may read buckets whose readers pay. AWS's default: false.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Configuration.RequesterPaysEnabled"))]
    requester_pays: Option<bool>,
}

/// An encryption by its name alone, or written out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum ShortEncryption {
    Named(#[schemars(extend("enum" = ["SSE_S3", "SSE_KMS", "CSE_KMS"]))] String),
    Written(Encryption),
}

/// A number of bytes, or a text with a unit.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Size {
    Bytes(#[schemars(range(min = 10_000_000))] i64),
    Text(ByteSize),
}

const OUTPUT_LOCATION: &str = "result_configuration.output_location";
const ENCRYPTION: &str = "result_configuration.encryption_configuration";
const BUCKET_OWNER: &str = "result_configuration.expected_bucket_owner";
const ENFORCE: &str = "enforce_work_group_configuration";
const METRICS: &str = "publish_cloud_watch_metrics_enabled";
const CUTOFF: &str = "bytes_scanned_cutoff_per_query";
const REQUESTER_PAYS: &str = "requester_pays_enabled";

/// The API's name, and what is short for it.
const SHORT: [(&str, &str); 7] = [
    (OUTPUT_LOCATION, "results"),
    (ENCRYPTION, "encryption"),
    (BUCKET_OWNER, "expected_bucket_owner"),
    (ENFORCE, "enforce"),
    (METRICS, "publish_metrics"),
    (CUTOFF, "bytes_scanned_cutoff"),
    (REQUESTER_PAYS, "requester_pays"),
];

/// The smallest limit that Athena takes.
const LEAST_CUTOFF: i64 = 10_000_000;

/// Under which names the user knows the settings: the short ones, unless the API's were written.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    written_out: BTreeSet<&'static str>,
}

impl Names {
    /// A path in the API's names, as the user knows it.
    pub fn shown(&self, path: &str) -> String {
        self.rename(path, |(api, short)| (api, short))
    }

    /// A path that the user knows, in the API's names.
    pub fn api(&self, path: &str) -> String {
        self.rename(path, |(api, short)| (short, api))
    }

    fn rename(
        &self,
        path: &str,
        direction: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
    ) -> String {
        let known = SHORT
            .iter()
            .filter(|(api, _)| !self.written_out.contains(api));
        for (from, to) in known.map(|pair| direction(*pair)) {
            if let Some(rest) = path.strip_prefix(from)
                && (rest.is_empty() || rest.starts_with('.'))
            {
                return format!("{to}{rest}");
            }
        }
        path.to_owned()
    }
}

/// Puts settings in their places; what is set under both of its names is a mistake.
#[derive(Default)]
struct Placing {
    names: Names,
    problems: Vec<Problem>,
}

impl Placing {
    fn put<T>(&mut self, api: &'static str, place: &mut Option<T>, short: Option<T>) {
        if place.is_none() {
            *place = short;
            return;
        }
        if short.is_some() {
            let pair = SHORT.iter().find(|pair| pair.0 == api);
            let name = pair.map_or(api, |pair| pair.1);
            self.problems.push(Problem::new(
                name,
                format!("both `{name}` and `{api}` are set"),
                "they are the same setting",
            ));
        }
        self.names.written_out.insert(api);
    }
}

impl Shorthands {
    /// Puts each short form in the place that it is short for, and checks what a schema cannot.
    pub fn expand(self, configuration: &mut Configuration) -> Result<Names, Vec<Problem>> {
        let mut placing = Placing::default();
        let mut results = configuration
            .result_configuration
            .take()
            .unwrap_or_default();
        placing.put(
            OUTPUT_LOCATION,
            &mut results.output_location,
            self.results.map(String::from),
        );
        let encryption = self.encryption.map(|encryption| match encryption {
            ShortEncryption::Named(encryption_option) => Encryption {
                encryption_option,
                kms_key: None,
            },
            ShortEncryption::Written(encryption) => encryption,
        });
        placing.put(
            ENCRYPTION,
            &mut results.encryption_configuration,
            encryption,
        );
        placing.put(
            BUCKET_OWNER,
            &mut results.expected_bucket_owner,
            self.expected_bucket_owner,
        );
        let place = &mut configuration.enforce_work_group_configuration;
        placing.put(ENFORCE, place, self.enforce);
        let place = &mut configuration.publish_cloud_watch_metrics_enabled;
        placing.put(METRICS, place, self.publish_metrics);
        let cutoff = self.bytes_scanned_cutoff.map(|size| match size {
            Size::Bytes(bytes) => bytes,
            Size::Text(text) => i64::try_from(text.bytes()).unwrap_or(i64::MAX),
        });
        if cutoff.is_some_and(|bytes| bytes < LEAST_CUTOFF) {
            placing.problems.push(Problem::new(
                "bytes_scanned_cutoff",
                "`bytes_scanned_cutoff` is too small",
                "at least 10 MB",
            ));
        }
        let place = &mut configuration.bytes_scanned_cutoff_per_query;
        placing.put(CUTOFF, place, cutoff);
        let place = &mut configuration.requester_pays_enabled;
        placing.put(REQUESTER_PAYS, place, self.requester_pays);
        if let Some(version) = &configuration.engine_version {
            let name = version.name().to_owned();
            configuration.engine_version = Some(EngineVersion::Name(EngineName(name)));
        }
        let Placing {
            names,
            mut problems,
        } = placing;
        check_results(&results, configuration, &names, &mut problems);
        if results != Results::default() {
            configuration.result_configuration = Some(results);
        }
        if problems.is_empty() {
            Ok(names)
        } else {
            Err(problems)
        }
    }
}

/// Checks what belongs together.
fn check_results(
    results: &Results,
    configuration: &Configuration,
    names: &Names,
    problems: &mut Vec<Problem>,
) {
    if let Some(encryption) = &results.encryption_configuration {
        let option = &encryption.encryption_option;
        match (option.as_str(), &encryption.kms_key) {
            ("SSE_KMS" | "CSE_KMS", None) => problems.push(
                Problem::new(
                    &names.shown(ENCRYPTION),
                    format!("{option} needs a key"),
                    "`kms_key` is missing",
                )
                .with_help(format!(
                    "encryption = {{ encryption_option = \"{option}\", kms_key = \"ARN\" }}"
                )),
            ),
            ("SSE_S3", Some(_)) => problems.push(Problem::new(
                &names.shown(ENCRYPTION),
                "SSE_S3 takes no key",
                "S3's own key is used",
            )),
            _ => {}
        }
    }
    let managed = configuration.managed_query_results_configuration.as_ref();
    if managed.is_some_and(|managed| managed.enabled) && results.output_location.is_some() {
        problems.push(Problem::new(
            &names.shown(OUTPUT_LOCATION),
            "results that Athena keeps itself have no folder",
            "not with managed_query_results_configuration",
        ));
    }
}
