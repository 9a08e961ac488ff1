//! A plan in a file, which is carried out only if nothing moved since it was made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::compare::{hide, is_sensitive};
use super::plan::{Change, Plan};
use super::terms::{Goal, Terms};
use crate::resource::{Live, Ownership};
use crate::stack::Secrets;

/// The version of the file; it grows when a reader of the old form would break.
const SAVED_VERSION: u32 = 2;

/// Of each field of one resource, a fingerprint of what is no secret in it: the file says what moved,
/// and nothing secret can be found out by trying.
type Prints = BTreeMap<String, String>;

/// A plan as it is kept in a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Saved {
    version: u32,
    pub goal: Goal,
    /// The bounds that it was made in, and is to be made in again.
    pub terms: Terms,
    /// What `stack.toml` said of each resource, by address.
    written: BTreeMap<String, Prints>,
    /// What was there of it; nothing for what was not there.
    live: BTreeMap<String, Prints>,
    /// The plan as `--output json` prints it.
    plan: Value,
}

/// What is not as it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// An address, or `account_id`, `region`, ….
    pub what: String,
    pub how: String,
}

/// Why a file gives no plan.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    #[error("this is no saved plan")]
    Form(#[from] serde_json::Error),
    #[error("this plan was saved in version {0}, and this athglue reads {SAVED_VERSION}")]
    Version(u64),
}

impl Saved {
    /// A plan as it is kept, made in these terms; `secrets` are those of its stack.
    pub fn of(plan: &Plan, secrets: &Secrets, terms: &Terms) -> Result<Self, SavedError> {
        let (mut written, mut live) = (BTreeMap::new(), BTreeMap::new());
        for change in plan.changes.iter().filter(|change| !change.orphan) {
            let address = change.address.to_string();
            let (wanted, there) = prints(change, secrets);
            live.extend(there.map(|there| (address.clone(), there)));
            written.insert(address, wanted);
        }
        Ok(Self {
            version: SAVED_VERSION,
            goal: plan.goal,
            terms: terms.clone(),
            written,
            live,
            plan: serde_json::to_value(plan)?,
        })
    }

    /// Reads what [`Saved::to_text`] gave.
    pub fn from_text(text: &str) -> Result<Self, SavedError> {
        let value: Value = serde_json::from_str(text)?;
        match value.get("version").and_then(Value::as_u64) {
            Some(version) if version != u64::from(SAVED_VERSION) => {
                Err(SavedError::Version(version))
            }
            _ => Ok(serde_json::from_value(value)?),
        }
    }

    pub fn to_text(&self) -> Result<String, SavedError> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// What moved between this plan and one that was made just now, in the same terms; nothing if
    /// both do the same to the same. `secrets` are those of the stack now. Of a secret that changed
    /// it is only told where something else is to be done with it.
    pub fn moved(&self, now: &Plan, secrets: &Secrets) -> Result<Vec<Moved>, SavedError> {
        let fresh = Self::of(now, secrets, &self.terms)?;
        let mut moved = Vec::new();
        for what in ["stack", "target", "account_id", "region"] {
            let (then, now) = (&self.plan[what], &fresh.plan[what]);
            if then != now {
                moved.push(Moved {
                    what: what.to_owned(),
                    how: format!("was {then}, and is {now}"),
                });
            }
        }
        if !moved.is_empty() {
            // The rest could only say the same once more.
            return Ok(moved);
        }
        let gone = "is no longer in stack.toml";
        compare(
            &self.written,
            &fresh.written,
            "is new in stack.toml",
            gone,
            &mut moved,
            |f| format!("{f} changed in stack.toml"),
        );
        compare(
            &self.live,
            &fresh.live,
            "is there now",
            "is gone",
            &mut moved,
            |fields| format!("{fields} changed where it is"),
        );
        compare_actions(&self.plan, &fresh.plan, &mut moved);
        Ok(moved)
    }
}

fn compare(
    then: &BTreeMap<String, Prints>,
    now: &BTreeMap<String, Prints>,
    came: &str,
    went: &str,
    moved: &mut Vec<Moved>,
    changed: impl Fn(String) -> String,
) {
    let addresses: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let told: BTreeSet<String> = moved.iter().map(|moved| moved.what.clone()).collect();
    for address in addresses {
        if told.contains(address) {
            continue;
        }
        let how = match (then.get(address), now.get(address)) {
            (Some(then), Some(now)) if then == now => continue,
            (Some(then), Some(now)) => {
                let paths: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
                let differ = paths
                    .into_iter()
                    .filter(|path| then.get(*path) != now.get(*path));
                changed(differ.map(String::as_str).collect::<Vec<_>>().join(", "))
            }
            (None, _) => came.to_owned(),
            (_, None) => went.to_owned(),
        };
        moved.push(Moved {
            what: address.clone(),
            how,
        });
    }
}

/// What would be done otherwise though neither the file nor the fields moved: data that came or
/// went, or what others left.
fn compare_actions(then: &Value, now: &Value, moved: &mut Vec<Moved>) {
    let (then, now) = (actions(then), actions(now));
    let keys: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    let told: BTreeSet<String> = moved.iter().map(|moved| moved.what.clone()).collect();
    for key in keys {
        let (then, now) = (then.get(key), now.get(key));
        if then == now || told.contains(&key.0) {
            continue;
        }
        let told = |action: Option<&Value>| match action {
            Some(action) => action["action"].as_str().unwrap_or_default().to_owned(),
            None => "nothing".to_owned(),
        };
        moved.push(Moved {
            what: key.0.clone(),
            how: format!("was to {}, and would now {}", told(then), told(now)),
        });
    }
}

/// What is done to each resource, by address and name: an orphan may have another's address.
fn actions(plan: &Value) -> BTreeMap<(String, String), Value> {
    let changes = plan["changes"].as_array().into_iter().flatten();
    changes
        .map(|change| {
            let text = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
            // The values have fingerprints already, and how it is told changes nothing.
            let fields = change["fields"].as_array().into_iter().flatten();
            let done = json!({
                "action": change["action"],
                "force": change["force"],
                "former": change["former"],
                "depends_on": change["depends_on"],
                "fields": fields.map(|field| &field["path"]).collect::<Vec<_>>(),
            });
            ((text("address"), text("name")), done)
        })
        .collect()
}

/// The fingerprints of what `stack.toml` says of a resource, and of what is there of it, as far as
/// anybody manages it: what nobody manages may move. A secret has none, since it could be guessed by
/// it: that there is one is all that is told of it, and in the place of one that was there before
/// nothing more.
fn prints(change: &Change, secrets: &Secrets) -> (Prints, Option<Prints>) {
    let resource = change.resource();
    let mut written = Prints::new();
    let mut live = change.live.as_ref().map(|_| Prints::new());
    for (path, mut new) in resource.desired() {
        let there = change.live().and_then(|fields| fields.get(&path));
        let mut old = there.cloned().unwrap_or_default();
        if is_sensitive(resource, &path) {
            hide(&mut new);
            hide(&mut old);
        } else {
            secrets.hide_in(&mut new, &mut old);
        }
        if let Some(live) = live.as_mut().filter(|_| there.is_some()) {
            live.insert(path.clone(), print(&old));
        }
        written.insert(path, print(&new));
    }
    let name = secrets.hide(&resource.key()).into_owned();
    written.insert("name".to_owned(), print(&name.into()));
    if let (Some(prints), Some(owner)) = (&mut live, change.live.as_ref().and_then(owner)) {
        let owner = secrets.hide(&owner).into_owned();
        prints.insert("its owner".to_owned(), print(&owner.into()));
    }
    (written, live)
}

/// Whose a live resource is; none where that is not marked.
fn owner(live: &Live) -> Option<String> {
    match &live.ownership {
        Ownership::Marked { stack, id } => Some(format!("{stack} {id}")),
        Ownership::Unmarked => Some("nobody".to_owned()),
        Ownership::Inherent => None,
    }
}

/// A fingerprint of what a value says, whatever the order of its keys.
fn print(value: &Value) -> String {
    let digest = Sha256::digest(sorted(value).to_string());
    digest.iter().take(8).fold(String::new(), |mut hex, byte| {
        hex.push_str(&format!("{byte:02x}"));
        hex
    })
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let map: BTreeMap<&String, Value> = map.iter().map(|(k, v)| (k, sorted(v))).collect();
            map.into_iter().map(|(k, v)| (k.clone(), v)).collect()
        }
        Value::Array(list) => list.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
