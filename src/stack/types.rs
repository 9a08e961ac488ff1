//! Texts that cannot be wrong: what is deserialized into one of these was checked.
//!
//! Each has a `format` in the JSON schema, under which `stack.toml` is checked with its place
//! before anything is deserialized.

mod cron;
mod schedule;

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

pub use schedule::{CronSchedule, Schedule};

/// Checks a text, or says what is wrong with it.
pub type Check = fn(&str) -> Result<(), String>;

macro_rules! checked_texts {
    ($($(#[doc = $doc:literal])* $name:ident, $format:literal, $check:path;)*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
            #[serde(try_from = "String", into = "String")]
            pub struct $name(String);

            impl $name {
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl TryFrom<String> for $name {
                type Error = String;

                fn try_from(text: String) -> Result<Self, String> {
                    $check(&text).map(|()| Self(text))
                }
            }

            impl From<$name> for String {
                fn from(text: $name) -> Self {
                    text.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl schemars::JsonSchema for $name {
                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    schemars::json_schema!({ "type": "string", "format": $format })
                }
            }
        )*

        /// The check of every `format`.
        pub const FORMATS: &[(&str, Check)] = &[
            (CronSchedule::FORMAT, schedule::check_glue),
            (Schedule::FORMAT, schedule::check_scheduler),
            $(($format, $check)),*
        ];
    };
}

/// A pattern that is compiled once. AWS's `\w` and `\d` are of ASCII, and regex's are of Unicode, which
/// takes a thousand times as long to compile: the letters are written out.
macro_rules! pattern {
    ($regex:literal) => {{
        static PATTERN: LazyLock<Regex> =
            LazyLock::new(|| Regex::new($regex).expect("the pattern is a constant"));
        |text: &str| PATTERN.is_match(text)
    }};
}

checked_texts! {
    /// The twelve digits of an AWS account.
    AccountId, "account-id", account_id;
    /// A region of AWS: `eu-west-1`.
    Region, "region", region;
    /// A bucket's name, as S3 takes it.
    BucketName, "bucket-name", bucket_name;
    /// `s3://BUCKET/PREFIX`
    S3Path, "s3-path", s3_path;
    /// A name in the Glue catalog that Athena can say without quotes.
    CatalogName, "catalog-name", catalog_name;
    /// A column's name, as Glue takes it: any line of text.
    ColumnName, "column-name", column_name;
    /// A crawler's name.
    CrawlerName, "crawler-name", crawler_name;
    /// A workgroup's name.
    WorkGroupName, "workgroup-name", workgroup_name;
    /// A named query's name.
    QueryName, "query-name", query_name;
    /// A prepared statement's name.
    StatementName, "statement-name", statement_name;
    /// An amount of data with its unit: `10 GB`, `1.5 TiB`.
    ByteSize, "byte-size", byte_size;
    /// A role's name.
    RoleName, "role-name", role_name;
    /// A role's name or ARN.
    RoleReference, "role", role_reference;
    /// A state machine's name.
    StateMachineName, "state-machine-name", state_machine_name;
    /// The name of a service that takes a role, as in `glue.amazonaws.com`, or a principal's ARN.
    TrustedPrincipal, "principal", principal;
    /// An ARN of a managed policy, or the name of one of AWS's.
    PolicyReference, "managed-policy", managed_policy;
    /// A managed policy's name.
    PolicyName, "policy-name", policy_name;
    /// What a role is for, as far as IAM has the letters.
    RoleDescription, "role-description", role_description;
    /// The path of a role: `/`, or `/FOLDER/`.
    RolePath, "role-path", role_path;
    /// The path of a managed policy, which takes fewer letters than that of a role.
    PolicyPath, "policy-path", policy_path;
}

impl ByteSize {
    /// The amount in bytes; as many as fit.
    pub fn bytes(&self) -> u64 {
        bytes_of(&self.0).unwrap_or_default()
    }
}

impl S3Path {
    /// The bucket.
    pub fn bucket(&self) -> &str {
        let rest = &self.0["s3://".len()..];
        rest.split_once('/').map_or(rest, |(bucket, _)| bucket)
    }

    /// What follows the bucket, without the slash before it.
    pub fn key(&self) -> &str {
        let rest = &self.0["s3://".len()..];
        rest.split_once('/').map_or("", |(_, key)| key)
    }
}

fn account_id(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[0-9]{12}$");
    form(text)
        .then_some(())
        .ok_or_else(|| "an account's number has 12 digits".to_owned())
}

fn region(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[a-z]{2,}(-[a-z]+)+-[0-9]+$");
    form(text)
        .then_some(())
        .ok_or_else(|| "a region is written as in eu-west-1".to_owned())
}

fn bucket_name(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$");
    let ip_address = pattern!(r"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$");
    const STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    if !(3..=63).contains(&text.len()) {
        return Err("a bucket's name has 3 to 63 characters".to_owned());
    }
    if !form(text) {
        return Err(
            "a bucket's name is made of a-z, 0-9, `.` and `-`, and starts and ends with a letter or digit"
                .to_owned(),
        );
    }
    if text.contains("..") || ip_address(text) {
        return Err("a bucket's name has no two dots in a row and is no IP address".to_owned());
    }
    if let Some(start) = STARTS.iter().find(|start| text.starts_with(**start)) {
        return Err(format!(
            "S3 keeps names that start with `{start}` for itself"
        ));
    }
    if let Some(end) = ENDS.iter().find(|end| text.ends_with(**end)) {
        return Err(format!("S3 keeps names that end with `{end}` for itself"));
    }
    Ok(())
}

fn s3_path(text: &str) -> Result<(), String> {
    let Some(rest) = text.strip_prefix("s3://") else {
        return Err("a path in S3 is written s3://BUCKET/PREFIX".to_owned());
    };
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    if key.len() > 1024 {
        return Err("a key in S3 has at most 1,024 bytes".to_owned());
    }
    if key.starts_with('/') || key.contains("//") {
        return Err("there is an empty folder name in this path".to_owned());
    }
    bucket_name(bucket)
}

fn catalog_name(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[a-z0-9_]{1,255}$");
    form(text)
        .then_some(())
        .ok_or_else(|| "a name in the catalog has 1 to 255 of a-z, 0-9 and `_`".to_owned())
}

/// Glue's `NameString`, in the API reference of `Column`: 1 to 255 characters of its pattern
/// `[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*`.
fn column_name(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[\t\x20-\u{fffd}\u{10000}-\u{10ffff}]+$");
    (form(text) && text.chars().count() <= 255)
        .then_some(())
        .ok_or_else(|| "a column's name is a line of 1 to 255 characters".to_owned())
}

fn crawler_name(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[^\x00-\x1f]+$");
    (form(text) && text.chars().count() <= 255)
        .then_some(())
        .ok_or_else(|| "a crawler's name has 1 to 255 characters".to_owned())
}

fn workgroup_name(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[a-zA-Z0-9._-]{1,128}$");
    form(text)
        .then_some(())
        .ok_or_else(|| "a workgroup's name has 1 to 128 of a-z, A-Z, 0-9, `.`, `_`, `-`".to_owned())
}

fn query_name(text: &str) -> Result<(), String> {
    (1..=128)
        .contains(&text.chars().count())
        .then_some(())
        .ok_or_else(|| "a query's name has 1 to 128 characters".to_owned())
}

fn role_name(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[A-Za-z0-9_+=,.@-]{1,64}$");
    form(text).then_some(()).ok_or_else(|| {
        "a role's name has 1 to 64 of letters, digits, `_`, `+`, `=`, `,`, `.`, `@`, `-`".to_owned()
    })
}

fn role_reference(text: &str) -> Result<(), String> {
    let form = pattern!(r"^arn:aws[A-Za-z0-9_-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,576}$");
    if text.starts_with("arn:") {
        return form(text).then_some(()).ok_or_else(|| {
            "a role's ARN is written arn:aws:iam::ACCOUNT:role/PATH/NAME".to_owned()
        });
    }
    role_name(text)
}

fn state_machine_name(text: &str) -> Result<(), String> {
    let form = pattern!(r##"^[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]+$"##);
    (form(text) && text.chars().count() <= 80).then_some(()).ok_or_else(|| {
        "a state machine's name has 1 to 80 characters, without blanks or any of <>{}[]?*\"#%\\^|~`$&,;:/"
            .to_owned()
    })
}

fn principal(text: &str) -> Result<(), String> {
    let service = pattern!(r"^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$");
    let other = pattern!(r"^(arn:aws[A-Za-z0-9_-]*:(iam|sts)::[0-9]{12}:.+|[0-9]{12})$");
    (service(text) || other(text)).then_some(()).ok_or_else(|| {
        "this is a service such as glue.amazonaws.com, an account's number, or an ARN".to_owned()
    })
}

fn managed_policy(text: &str) -> Result<(), String> {
    let arn = pattern!(r"^arn:aws[A-Za-z0-9_-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$");
    let name = pattern!(r"^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$");
    let fits = if text.starts_with("arn:") {
        arn(text)
    } else {
        name(text)
    };
    fits.then_some(()).ok_or_else(|| {
        "a managed policy is given by its ARN, or by its name if it is one of AWS's".to_owned()
    })
}

fn policy_name(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[A-Za-z0-9_+=,.@-]{1,128}$");
    form(text).then_some(()).ok_or_else(|| {
        "a policy's name has 1 to 128 of letters, digits, `_`, `+`, `=`, `,`, `.`, `@`, `-`"
            .to_owned()
    })
}

fn role_description(text: &str) -> Result<(), String> {
    let letters = pattern!(r"^[\t\n\r\x20-\x7e\u{a1}-\u{ff}]*$");
    let length = text.chars().count();
    if length > 1000 {
        return Err(format!("{length} characters, and 1000 are allowed"));
    }
    letters(text).then_some(()).ok_or_else(|| {
        "IAM takes no letters here beyond those of Latin-1: no dashes, quotes or others of typography"
            .to_owned()
    })
}

fn role_path(text: &str) -> Result<(), String> {
    let form = pattern!(r"^/([\x21-\x7e]{1,510}/)?$");
    form(text).then_some(()).ok_or_else(|| {
        "a path starts and ends with `/`, and has at most 512 characters without blanks".to_owned()
    })
}

fn policy_path(text: &str) -> Result<(), String> {
    let form = pattern!(r"^(/[A-Za-z0-9.,+@=_-]+)*/$");
    (form(text) && text.len() <= 512).then_some(()).ok_or_else(|| {
        "a path is made of folders between `/`, each of letters, digits and `.,+@=_-`, with at most 512 characters"
            .to_owned()
    })
}

fn statement_name(text: &str) -> Result<(), String> {
    let form = pattern!(r"^[a-zA-Z_][a-zA-Z0-9_@:]{1,255}$");
    form(text).then_some(()).ok_or_else(|| {
        "a prepared statement's name has 2 to 256 of a-z, A-Z, 0-9, `_`, `@`, `:`, and starts with a letter or `_`"
            .to_owned()
    })
}

fn byte_size(text: &str) -> Result<(), String> {
    bytes_of(text).map(drop).ok_or_else(|| {
        "an amount is written as 10 MB, 1.5 GB or 2 TiB: kB, MB, GB, TB, PB count in thousands, KiB, MiB, GiB, TiB, PiB in 1,024s"
            .to_owned()
    })
}

/// Reads an amount with its unit; `None` if it is none, or beyond what 64 bits hold.
fn bytes_of(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 11] = [
        ("b", 1),
        ("kb", 1_000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("tb", 1_000_000_000_000),
        ("pb", 1_000_000_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
        ("tib", 1 << 40),
        ("pib", 1 << 50),
    ];
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = (&text[..at], text[at..].trim_start());
    let scale = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))?
        .1;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut bytes = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    if number.contains('.') {
        // Digit by digit, so that no amount is off by a rounding.
        let digits: u128 = fraction.get(..18).unwrap_or(fraction).parse().ok()?;
        let places = u32::try_from(fraction.len().min(18)).ok()?;
        let part = digits * u128::from(scale) / 10u128.pow(places);
        bytes = bytes.checked_add(u64::try_from(part).ok()?)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_called_as_glue_takes_it() {
        let longest = "é".repeat(255);
        for good in ["id", "Größe in €", "a b", "日付", "😀", "a-b.c", &longest] {
            assert_eq!(column_name(good), Ok(()), "{good}");
        }
        let longer = "é".repeat(256);
        for wrong in ["", "a\nb", "a\u{1}", "\u{ffff}", &longer] {
            assert!(column_name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn amounts_are_read_with_their_units() {
        let bytes = |text: &str| bytes_of(text);
        assert_eq!(bytes("10 MB"), Some(10_000_000));
        assert_eq!(bytes("1.5GB"), Some(1_500_000_000));
        assert_eq!(bytes("2 TiB"), Some(2 << 40));
        assert_eq!(bytes("0.1 GiB"), Some(107_374_182));
        for wrong in [
            "10",
            "GB",
            "1,5 GB",
            "1. GB",
            "-1 GB",
            "99999999999 PB",
            "1 XB",
        ] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_of_roles_are_of_ascii_and_those_of_crawlers_and_machines_are_not() {
        assert!(role_name("lake-crawler_1").is_ok());
        assert!(role_name("größe").is_err());
        assert!(policy_name("größe").is_err());
        assert!(crawler_name(&"ö".repeat(255)).is_ok());
        assert!(crawler_name(&"ö".repeat(256)).is_err());
        assert!(state_machine_name(&"ö".repeat(80)).is_ok());
        assert!(state_machine_name(&"ö".repeat(81)).is_err());
    }
}
