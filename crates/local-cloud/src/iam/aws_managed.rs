//! The policies that AWS manages, as far as stacks of this kind use them.
//!
//! The documents are AWS's own, as GetPolicyVersion gives them for the default version.

/// A policy of AWS's.
pub(super) struct Managed {
    pub name: &'static str,
    pub path: &'static str,
    pub version: &'static str,
    /// Seconds since the epoch.
    pub created: i64,
    pub updated: i64,
    pub document: &'static str,
}

impl Managed {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }
}

/// The policy of this ARN.
pub(super) fn find(arn: &str) -> Option<&'static Managed> {
    let rest = arn.strip_prefix("arn:aws:iam::aws:policy/")?;
    let name = rest.rsplit('/').next()?;
    ALL.iter().find(|m| m.name == name && m.arn() == arn)
}

macro_rules! managed {
    ($($name:literal $path:literal $version:literal $created:literal $updated:literal;)*) => {
        /// Every one, in the order of their names.
        pub(super) static ALL: &[Managed] = &[
            $(Managed {
                name: $name,
                path: $path,
                version: $version,
                created: $created,
                updated: $updated,
                document: include_str!(concat!("aws_managed/", $name, ".json")),
            },)*
        ];
    };
}

managed! {
    "AWSGlueConsoleFullAccess" "/" "v14" 1_502_717_859 1_689_345_474;
    "AWSGlueServiceRole" "/service-role/" "v5" 1_502_717_841 1_694_450_387;
    "AWSLambdaBasicExecutionRole" "/service-role/" "v1" 1_428_591_823 1_428_591_823;
    "AWSLambdaRole" "/service-role/" "v1" 1_423_248_088 1_423_248_088;
    "AWSQuicksightAthenaAccess" "/service-role/" "v13" 1_481_250_663 1_770_919_116;
    "AWSStepFunctionsConsoleFullAccess" "/" "v2" 1_484_171_671 1_484_180_374;
    "AWSStepFunctionsFullAccess" "/" "v1" 1_484_171_492 1_484_171_492;
    "AWSStepFunctionsReadOnlyAccess" "/" "v4" 1_484_171_179 1_714_157_634;
    "AWSXRayDaemonWriteAccess" "/" "v2" 1_535_497_233 1_707_861_510;
    "AdministratorAccess" "/" "v1" 1_423_247_986 1_423_247_986;
    "AmazonAthenaFullAccess" "/" "v15" 1_480_524_361 1_770_919_389;
    "AmazonEventBridgeFullAccess" "/" "v7" 1_562_854_135 1_770_919_105;
    "AmazonS3FullAccess" "/" "v2" 1_423_248_058 1_632_773_797;
    "AmazonS3ReadOnlyAccess" "/" "v3" 1_423_248_059 1_691_703_099;
    "CloudWatchLogsFullAccess" "/" "v8" 1_423_248_002 1_770_919_233;
    "CloudWatchLogsReadOnlyAccess" "/" "v12" 1_423_248_003 1_770_919_153;
    "IAMReadOnlyAccess" "/" "v4" 1_423_248_039 1_516_907_487;
    "PowerUserAccess" "/" "v12" 1_423_247_987 1_770_919_154;
}

#[cfg(test)]
mod tests {
    use super::*;
    use iam_policy::{Document, Kind};

    #[test]
    fn every_document_is_a_policy() {
        for managed in ALL {
            let parsed = Document::parse_as(managed.document, Kind::Identity);
            assert!(parsed.is_ok(), "{}: {parsed:?}", managed.name);
            assert!(find(&managed.arn()).is_some());
        }
        assert!(find("arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole").is_some());
        assert!(find("arn:aws:iam::aws:policy/AWSGlueServiceRole").is_none());
    }
}
