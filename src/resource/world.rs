//! The ground that the tests of kinds stand on: stacks in an embedded cloud of their own, brought
//! up, changed and taken down, and what a plan says of it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::Address;
use crate::cloud::{Cloud, Target};
use crate::engine::{Action, Goal, Plan, Stop, Terms, apply, plan};
use crate::stack::{Document, Source, Stack};

/// A cloud, and the folder that a stack is in.
pub(super) struct World {
    folder: tempfile::TempDir,
    /// The stack's name.
    name: &'static str,
    pub cloud: Cloud,
}

impl World {
    /// An embedded cloud of its own, for a stack `films`.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let target = Target::Local {
            data_dir: folder.path().join("cloud"),
        };
        Self::with("films", folder, target).await
    }

    /// Another implementation of the APIs, such as moto's server, which `ATHGLUE_TEST_ENDPOINT`
    /// names. Others may use it at the same time, so the stack has a name of its own.
    pub async fn at_endpoint(name: &'static str) -> Self {
        let url = std::env::var("ATHGLUE_TEST_ENDPOINT").expect("ATHGLUE_TEST_ENDPOINT is set");
        let folder = tempfile::tempdir().expect("a folder");
        Self::with(name, folder, Target::Endpoint(url)).await
    }

    async fn with(name: &'static str, folder: tempfile::TempDir, target: Target) -> Self {
        let cloud = Cloud::connect(target, None, Some("eu-west-1")).await;
        Self {
            folder,
            name,
            cloud: cloud.expect("it opens"),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a file beside `stack.toml`.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, content).expect("a file");
    }

    /// The stack of these tables, or every mistake in them as a user reads it.
    pub fn resolve(&self, tables: &str) -> Result<Stack, String> {
        let source = Source {
            display: "stack.toml".to_owned(),
            base_dir: self.path().to_owned(),
            text: format!("[stack]\nname = \"{}\"\n{tables}", self.name),
        };
        Document::parse(source)
            .and_then(|document| document.resolve(self.cloud.account_id(), "eu-west-1"))
            .map_err(|mistakes| mistakes.to_string())
    }

    pub fn stack(&self, tables: &str) -> Stack {
        let stack = self.resolve(tables);
        stack.unwrap_or_else(|mistakes| panic!("{tables}\n{mistakes}"))
    }

    /// What is wrong with the tables.
    pub fn mistakes(&self, tables: &str) -> String {
        match self.resolve(tables) {
            Ok(_) => panic!("nothing is wrong with\n{tables}"),
            Err(mistakes) => mistakes,
        }
    }

    pub async fn plan(&self, tables: &str, goal: Goal) -> Plan {
        self.plan_within(tables, goal, &Terms::default()).await
    }

    async fn plan_within(&self, tables: &str, goal: Goal, terms: &Terms) -> Plan {
        let planned = plan(&self.stack(tables), &self.cloud, goal, terms).await;
        planned.unwrap_or_else(|error| panic!("{tables}\n{error}"))
    }

    /// The plan toward nothing, with what is in this resource.
    pub async fn forced(&self, tables: &str, address: Address) -> Plan {
        let mut terms = Terms::default();
        terms.force.insert(address);
        self.plan_within(tables, Goal::Destroy, &terms).await
    }

    /// Why there is no plan for `up`.
    pub async fn refusal(&self, tables: &str) -> String {
        let terms = Terms::default();
        match plan(&self.stack(tables), &self.cloud, Goal::Up, &terms).await {
            Ok(planned) => panic!("it is planned: {}", lines(&planned)),
            Err(error) => error.to_string(),
        }
    }

    /// What `up` would do.
    pub async fn changes(&self, tables: &str) -> Told {
        Told(self.plan(tables, Goal::Up).await)
    }

    /// What `up` would do to one resource: the action, and the fields with their new values.
    pub async fn planned(&self, tables: &str, address: &str) -> (Action, BTreeMap<String, Value>) {
        let address: Address = address.parse().expect("an address");
        let plan = self.plan(tables, Goal::Up).await;
        let change = plan.changes.into_iter().find(|c| c.address == address);
        let change = change.expect("it is in the plan");
        let fields = change.fields.into_iter().map(|f| (f.path, f.new));
        (change.action, fields.collect())
    }

    pub async fn is_settled(&self, tables: &str) {
        let left = self.plan(tables, Goal::Up).await;
        assert!(left.is_empty(), "{tables}\n{:#?}", left.changes);
    }

    /// Carries a plan out to its end.
    pub async fn apply(&self, planned: &Plan) {
        let outcome = apply(planned, &self.cloud, 8, &(), &Stop::default()).await;
        assert!(outcome.is_complete(), "{outcome:#?}");
    }

    /// `up`, after which there is nothing to do; gives what it did.
    pub async fn up(&self, tables: &str) -> Told {
        self.up_within(tables, &Terms::default()).await
    }

    /// `up` that takes these addresses over.
    pub async fn adopt(&self, tables: &str, addresses: &[&str]) -> Told {
        let addresses = addresses.iter().map(|address| address.parse());
        let terms = Terms {
            adopt: addresses.collect::<Result<_, _>>().expect("addresses"),
            ..Terms::default()
        };
        self.up_within(tables, &terms).await
    }

    async fn up_within(&self, tables: &str, terms: &Terms) -> Told {
        let planned = self.plan_within(tables, Goal::Up, terms).await;
        self.apply(&planned).await;
        self.is_settled(tables).await;
        Told(planned)
    }

    /// `destroy`, which keeps what holds data; gives what it did.
    pub async fn destroy(&self, tables: &str) -> Told {
        let planned = self.plan(tables, Goal::Destroy).await;
        self.apply(&planned).await;
        Told(planned)
    }

    /// `destroy` with force on everything, after which nothing is left.
    pub async fn clear(&self, tables: &str) {
        let stack = self.stack(tables);
        let addresses = stack.resources.iter().map(|d| d.resource.address().clone());
        let terms = Terms {
            force: addresses.collect(),
            ..Terms::default()
        };
        let planned = self.plan_within(tables, Goal::Destroy, &terms).await;
        self.apply(&planned).await;
        let left = self.plan_within(tables, Goal::Destroy, &terms).await;
        assert!(left.is_empty(), "{tables}\n{:#?}", left.changes);
    }

    /// For each case: `from` is set up, `to` changes what the case says, and all of it goes.
    pub async fn pass(&self, cases: &[Case<'_>]) {
        for case in cases {
            let [from, to] = [case.from, case.to].map(|part| format!("{}{part}\n", case.base));
            self.up(&from).await;
            let changes = self.up(&to).await;
            assert_eq!(changes, case.changes, "from\n{from}\nto\n{to}");
            self.clear(&to).await;
        }
    }
}

/// What a plan changes; as text it is what [`lines`] gives.
pub(super) struct Told(pub Plan);

impl Told {
    pub fn is_empty(&self) -> bool {
        self.lines().is_empty()
    }

    /// A line a field of what is changed: `~ tables.songs description`; and of what is kept, why.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for change in &self.0.changes {
            let head = format!("{} {}", change.action.symbol(), change.address);
            match change.action {
                Action::None => {}
                Action::Create | Action::Delete => lines.push(head),
                Action::Keep => {
                    let reason = change.reason.as_deref().unwrap_or_default();
                    lines.push(format!("{head}: {reason}"));
                }
                _ => lines.extend(change.fields.iter().map(|f| format!("{head} {}", f.path))),
            }
        }
        lines
    }

    /// A line for each change and below it each field, before and after.
    pub fn in_full(&self) -> String {
        let mut lines = Vec::new();
        for change in self.0.changes.iter().filter(|c| c.action != Action::None) {
            let symbol = change.action.symbol();
            lines.push(format!("{symbol} {}", change.address));
            let fields = change.fields.iter();
            lines.extend(fields.map(|f| format!("  {}: {} -> {}", f.path, f.old, f.new)));
        }
        lines.join("\n")
    }
}

/// A line a resource of what a plan changes: `update workgroups.main results, tags`.
pub(super) fn lines(planned: &Plan) -> String {
    let changed = planned.changes.iter().filter(|c| c.action != Action::None);
    let lines: Vec<String> = changed
        .map(|change| {
            let action = format!("{:?}", change.action).to_lowercase();
            let fields: Vec<&str> = change.fields.iter().map(|f| f.path.as_str()).collect();
            let line = format!("{action} {} {}", change.address, fields.join(", "));
            line.trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&lines(&self.0))
    }
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl PartialEq<&str> for Told {
    fn eq(&self, text: &&str) -> bool {
        lines(&self.0) == *text
    }
}

/// A change of the file.
pub(super) struct Case<'a> {
    /// What is the same before and after.
    pub base: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    /// As [`Told`] tells it.
    pub changes: &'a str,
}

/// What comes of a field that is taken out of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unset {
    Stays,
    Goes,
}

/// A field, and its life in the file.
pub(super) struct Field {
    /// The field as the plan names it, or what such names start with.
    pub path: &'static str,
    /// The lines of the file that set it.
    pub first: &'static str,
    /// The lines that change it.
    pub then: &'static str,
    pub changed: Action,
    pub unset: Unset,
    /// The new value, where the plan is to show this field with this value and no other.
    pub new: Option<fn() -> Value>,
}

impl Field {
    /// One that is changed in place, and stays when it is taken out.
    pub const fn update(path: &'static str, first: &'static str, then: &'static str) -> Self {
        Self {
            path,
            first,
            then,
            changed: Action::Update,
            unset: Unset::Stays,
            new: None,
        }
    }

    /// The same, with the value that the plan is to show.
    pub const fn to(
        path: &'static str,
        first: &'static str,
        then: &'static str,
        new: fn() -> Value,
    ) -> Self {
        Self {
            new: Some(new),
            ..Self::update(path, first, then)
        }
    }
}

/// Sets, changes and takes out each field in a world of its own. In `base`, `# more` stands for the
/// field's lines.
pub(super) async fn try_fields(base: &str, address: &str, fields: &[Field]) {
    for field in fields {
        let world = World::new().await;
        let with = |lines: &str| base.replace("# more", lines);
        world.up(&with(field.first)).await;
        if let Some(new) = field.new {
            let planned = world.planned(&with(field.then), address).await;
            let fields = BTreeMap::from([(field.path.to_owned(), new())]);
            assert_eq!(planned, (field.changed, fields), "{}", field.then);
        }
        let changes = world.up(&with(field.then)).await.lines();
        let head = format!("{} {address} {}", field.changed.symbol(), field.path);
        // The role that is derived may change beside it.
        let role = format!("~ {address}.role ");
        let mut others = changes.iter().filter(|change| !change.starts_with(&head));
        assert!(
            changes.iter().any(|change| change.starts_with(&head))
                && others.all(|change| change.starts_with(&role)),
            "{changes:?} is not {head}"
        );
        let left = world.changes(&with("")).await;
        let goes = left.lines().iter().any(|change| !change.starts_with(&role));
        assert_eq!(goes, field.unset == Unset::Goes, "{}: {left:?}", field.path);
        world.up(&with("")).await;
        world.clear(&with("")).await;
    }
}
