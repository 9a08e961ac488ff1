//! What a chaos file says: which calls fare how.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::called::Called;

/// All that a chaos file says. It is TOML; `docs/faults.md` describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The same seed meets the same calls.
    #[serde(default)]
    pub seed: u64,
    /// A file that takes a line for each call: its number, operation, and what came of it.
    pub log: Option<PathBuf>,
    /// Each rule looks at every call; of those that meet one, delays come first.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// What is done to which calls.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rule {
    calls: Vec<Glob>,
    except: Vec<Glob>,
    pub(super) chance: Chance,
    pub(super) fault: Fault,
}

impl Rule {
    /// Whether it is about calls of this operation.
    pub(super) fn is_about(&self, called: &Called) -> bool {
        let name = called.to_string();
        let meets = |globs: &[Glob]| globs.iter().any(|glob| glob.meets(&name));
        meets(&self.calls) && !meets(&self.except)
    }
}

/// Which of its calls a rule meets.
#[derive(Debug, PartialEq)]
pub(super) enum Chance {
    Always,
    /// Of all calls of an operation, this share.
    Share(f64),
    /// Of the rule's calls in this process, these; the first is 1.
    Nth(Vec<u64>),
}

/// On which side of a call's effect something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum When {
    Before,
    After,
}

#[derive(Debug, PartialEq)]
pub(super) enum Fault {
    /// Refused without effect, in the service's own words.
    Throttle,
    /// Answered by an error, whether or not it had its effect.
    Fail {
        when: When,
        code: Option<String>,
        status: Option<u16>,
        message: Option<String>,
    },
    /// The connection breaks, so that nobody can tell whether it had its effect.
    Lose(When),
    /// The process ends, as if it were killed.
    Exit(When),
    Delay {
        time: Duration,
        jitter: Duration,
    },
    /// For so long after a write to a service, its reads answer as before it.
    Stale {
        time: Duration,
    },
    /// For so long after its creation, a role is refused by the services it is passed to.
    NewRole {
        time: Duration,
    },
}

/// `service:Operation` with `*` for anything.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
struct Glob(String);

impl Glob {
    fn meets(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

/// A rule as it is written: one table, whose keys depend on its `fault`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "everything")]
    calls: OneOrMore<Glob>,
    #[serde(default)]
    except: OneOrMore<Glob>,
    share: Option<f64>,
    nth: Option<OneOrMore<u64>>,
    fault: Name,
    when: Option<When>,
    code: Option<String>,
    status: Option<u16>,
    message: Option<String>,
    time: Option<Time>,
    jitter: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Name {
    Throttle,
    Fail,
    Lose,
    Exit,
    Delay,
    Stale,
    NewRole,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl<T> OneOrMore<T> {
    fn list(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::More(list) => list,
        }
    }
}

fn everything() -> OneOrMore<Glob> {
    OneOrMore::One(Glob("*".to_owned()))
}

/// `"50ms"`, `"2s"`, `"1m"`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Time(Duration);

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time; write it as \"50ms\", \"2s\" or \"1m\"");
        let (number, unit) = match text.find(|c: char| c.is_ascii_alphabetic()) {
            Some(at) => text.split_at(at),
            None => return Err(wrong()),
        };
        let milliseconds = match unit {
            "ms" => 1.0,
            "s" => 1_000.0,
            "m" => 60_000.0,
            _ => return Err(wrong()),
        };
        let number: f64 = number.trim().parse().map_err(|_| wrong())?;
        Duration::try_from_secs_f64(number * milliseconds / 1_000.0)
            .map(Self)
            .map_err(|_| wrong())
    }
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        written.check_keys()?;
        let chance = match (written.share, written.nth) {
            (None, None) => Chance::Always,
            (Some(share), None) if (0.0..=1.0).contains(&share) => Chance::Share(share),
            (Some(share), None) => return Err(format!("`share` = {share} is not between 0 and 1")),
            (None, Some(nth)) => Chance::Nth(nth.list()),
            (Some(_), Some(_)) => {
                return Err("`share` and `nth` do not go together".to_owned());
            }
        };
        let time = || {
            let name = written.fault.as_str();
            written
                .time
                .map(|time| time.0)
                .ok_or_else(|| format!("`fault = \"{name}\"` needs `time`"))
        };
        let fault = match written.fault {
            Name::Throttle => Fault::Throttle,
            Name::Fail => Fault::Fail {
                when: written.when.unwrap_or(When::Before),
                code: written.code,
                status: written.status,
                message: written.message,
            },
            Name::Lose => Fault::Lose(written.when.unwrap_or(When::After)),
            Name::Exit => Fault::Exit(written.when.unwrap_or(When::Before)),
            Name::Delay => Fault::Delay {
                time: time()?,
                jitter: written.jitter.map_or(Duration::ZERO, |jitter| jitter.0),
            },
            Name::Stale => Fault::Stale { time: time()? },
            Name::NewRole => Fault::NewRole { time: time()? },
        };
        Ok(Self {
            calls: written.calls.list(),
            except: written.except.list(),
            chance,
            fault,
        })
    }
}

impl Name {
    fn as_str(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Fail => "fail",
            Self::Lose => "lose",
            Self::Exit => "exit",
            Self::Delay => "delay",
            Self::Stale => "stale",
            Self::NewRole => "new-role",
        }
    }
}

impl Written {
    /// A key that the fault does not know would be silently without effect.
    fn check_keys(&self) -> Result<(), String> {
        let allowed: &[&str] = match self.fault {
            Name::Throttle => &[],
            Name::Fail => &["when", "code", "status", "message"],
            Name::Lose | Name::Exit => &["when"],
            Name::Delay => &["time", "jitter"],
            Name::Stale | Name::NewRole => &["time"],
        };
        let given = [
            ("when", self.when.is_some()),
            ("code", self.code.is_some()),
            ("status", self.status.is_some()),
            ("message", self.message.is_some()),
            ("time", self.time.is_some()),
            ("jitter", self.jitter.is_some()),
        ];
        for (key, given) in given {
            if given && !allowed.contains(&key) {
                let name = self.fault.as_str();
                return Err(format!("`fault = \"{name}\"` has no key `{key}`"));
            }
        }
        if let Some(status) = self.status
            && !(400..600).contains(&status)
        {
            return Err(format!("`status` = {status} is no error's status"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rule(written: Value) -> Result<Rule, String> {
        serde_json::from_value(written).map_err(|error| error.to_string())
    }

    #[test]
    fn a_glob_meets_operations_as_it_reads() {
        let meets = |glob: &str, name: &str| Glob(glob.to_owned()).meets(name);
        assert!(meets("*", "glue:GetTable"));
        assert!(meets("glue:*", "glue:GetTable"));
        assert!(meets("*:Get*", "glue:GetTable"));
        assert!(meets("glue:GetTable", "glue:GetTable"));
        assert!(meets("*:*Table*", "glue:GetTables"));
        assert!(!meets("glue:GetTable", "glue:GetTables"));
        assert!(!meets("*:Get", "glue:GetTable"));
        assert!(!meets("s3:*", "glue:GetTable"));
        assert!(!meets("glue:Get*Get*", "glue:GetTable"));
    }

    #[test]
    fn a_rule_says_what_it_does_and_to_which_calls() {
        let written = json!({"calls": ["glue:*"], "nth": 3, "fault": "lose"});
        let lost = rule(written).unwrap();
        assert_eq!(lost.chance, Chance::Nth(vec![3]));
        assert_eq!(lost.fault, Fault::Lose(When::After));
        let delay = rule(json!({"fault": "delay", "time": "50ms", "jitter": "0.5s"})).unwrap();
        assert_eq!(delay.chance, Chance::Always);
        assert_eq!(
            delay.fault,
            Fault::Delay {
                time: Duration::from_millis(50),
                jitter: Duration::from_millis(500)
            }
        );
    }

    #[test]
    fn a_key_without_effect_is_refused() {
        let wrong = |written| rule(written).unwrap_err();
        assert!(wrong(json!({"fault": "throttle", "time": "2s"})).contains("no key `time`"));
        assert!(wrong(json!({"fault": "delay"})).contains("needs `time`"));
        assert!(wrong(json!({"fault": "delay", "time": "2"})).contains("is no time"));
        assert!(wrong(json!({"fault": "exit", "share": 2})).contains("between 0 and 1"));
        assert!(wrong(json!({"fault": "exit", "share": 1, "nth": 1})).contains("go together"));
        assert!(wrong(json!({"fault": "fail", "status": 200})).contains("no error's status"));
        assert!(wrong(json!({"fault": "explode"})).contains("unknown variant"));
        assert!(wrong(json!({"fault": "exit", "ntn": 1})).contains("unknown field"));
    }
}
