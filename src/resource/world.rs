//! A world for the tests of kinds: a stack is brought up in an embedded cloud of its own, and each
//! field is set, changed and taken out again.

use crate::cloud::{Cloud, Target};
use crate::engine::{Action, Goal, Plan, Stop, Terms, apply, plan};
use crate::stack::{Document, Source, Stack};

/// An embedded cloud, and the folder that stacks are in.
pub(super) struct World {
    folder: tempfile::TempDir,
    pub cloud: Cloud,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let target = Target::Local {
            data_dir: folder.path().join("cloud"),
        };
        let cloud = Cloud::connect(target, None, Some("eu-west-1"))
            .await
            .expect("it opens");
        Self { folder, cloud }
    }

    /// The stack `films` of these tables, or every mistake in them.
    pub fn resolve(&self, tables: &str) -> Result<Stack, String> {
        let source = Source {
            display: "stack.toml".to_owned(),
            base_dir: self.folder.path().to_owned(),
            text: format!("[stack]\nname = \"films\"\n{tables}"),
        };
        let document = Document::parse(source).expect("TOML");
        document
            .resolve(self.cloud.account_id(), self.cloud.region())
            .map_err(|diagnostics| diagnostics.to_string())
    }

    pub fn stack(&self, tables: &str) -> Stack {
        match self.resolve(tables) {
            Ok(stack) => stack,
            Err(mistakes) => panic!("{mistakes}\n{tables}"),
        }
    }

    /// The plan, or why there is none.
    pub async fn plan(&self, tables: &str, goal: Goal) -> Result<Plan, String> {
        plan(&self.stack(tables), &self.cloud, goal, &Terms::default())
            .await
            .map_err(|error| error.to_string())
    }

    /// What `up` would change: `~ tables.songs description`, a line a field.
    pub async fn changes(&self, tables: &str) -> Vec<String> {
        lines(&self.plan(tables, Goal::Up).await.expect("a plan"))
    }

    /// Carries a plan out to its end.
    pub async fn apply(&self, planned: &Plan) {
        let outcome = apply(planned, &self.cloud, 8, &(), &Stop::default()).await;
        assert!(outcome.is_complete(), "{outcome:#?}");
    }

    /// Brings the stack up, sees that nothing is left to do, and gives what was changed.
    pub async fn up(&self, tables: &str) -> Vec<String> {
        let planned = self.plan(tables, Goal::Up).await.expect("a plan");
        self.apply(&planned).await;
        let again = self.plan(tables, Goal::Up).await.expect("a plan");
        assert!(
            again.is_empty(),
            "a second up would change {:#?}\n{tables}",
            again.changes.iter().map(|c| &c.fields).collect::<Vec<_>>()
        );
        lines(&planned)
    }

    /// Destroys what it may; gives what was done and what was kept.
    pub async fn destroy(&self, tables: &str) -> Vec<String> {
        let planned = self.plan(tables, Goal::Destroy).await.expect("a plan");
        self.apply(&planned).await;
        lines(&planned)
    }
}

fn lines(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for change in &plan.changes {
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

/// What comes of a field that is taken out of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unset {
    Stays,
    Goes,
}

/// A field, and what it is set to.
pub(super) struct Field {
    /// The field as the plan names it, or what such names start with.
    pub path: &'static str,
    /// The lines of the file that set it.
    pub first: &'static str,
    /// The lines that change it.
    pub then: &'static str,
    pub changed: Action,
    pub unset: Unset,
}

/// Sets, changes and takes out each field. In `base`, `@` stands for the field's lines.
pub(super) async fn try_fields(base: &str, address: &str, fields: &[Field]) {
    for field in fields {
        let world = World::new().await;
        let with = |lines: &str| base.replace('@', lines);
        world.up(&with(field.first)).await;
        let changes = world.up(&with(field.then)).await;
        let head = format!("{} {address} {}", field.changed.symbol(), field.path);
        assert!(
            !changes.is_empty() && changes.iter().all(|change| change.starts_with(&head)),
            "{changes:?} is not {head}"
        );
        let changes = world.changes(&with("")).await;
        match field.unset {
            Unset::Stays => assert!(changes.is_empty(), "{changes:?}"),
            Unset::Goes => {
                assert!(!changes.is_empty(), "{} does not go", field.path);
                world.up(&with("")).await;
            }
        }
    }
}
