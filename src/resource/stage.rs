//! A stack's life against the embedded cloud, for the tests of kinds.

use std::path::Path;

use crate::cloud::{Cloud, Target};
use crate::engine::{Action, Goal, Plan, Stop, Terms, apply, plan};
use crate::resource::Address;
use crate::stack::{Document, Source, Stack};

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
        let cloud = Cloud::connect(target, None, Some("eu-west-1")).await;
        Self {
            folder,
            cloud: cloud.expect("it opens"),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file beside `stack.toml`.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, content).expect("a file");
    }

    /// What is wrong with a stack, or that nothing is.
    pub fn resolve(&self, text: &str) -> Result<Stack, String> {
        let source = Source {
            display: "stack.toml".to_owned(),
            base_dir: self.folder.path().to_owned(),
            text: format!("[stack]\nname = \"films\"\n{text}"),
        };
        let document = Document::parse(source).map_err(|error| error.to_string())?;
        document
            .resolve(self.cloud.account_id(), "eu-west-1")
            .map_err(|error| error.to_string())
    }

    pub fn stack(&self, text: &str) -> Stack {
        match self.resolve(text) {
            Ok(stack) => stack,
            Err(wrong) => panic!("{wrong}"),
        }
    }

    pub async fn planned(&self, text: &str, goal: Goal) -> Plan {
        self.planned_with(text, goal, &Terms::default()).await
    }

    /// The plan toward nothing, with what is in this resource.
    pub async fn forced(&self, text: &str, address: Address) -> Plan {
        let mut terms = Terms::default();
        terms.force.insert(address);
        self.planned_with(text, Goal::Destroy, &terms).await
    }

    async fn planned_with(&self, text: &str, goal: Goal, terms: &Terms) -> Plan {
        let stack = self.stack(text);
        let planned = plan(&stack, &self.cloud, goal, terms).await;
        planned.expect("a plan")
    }

    /// What an `up` would do: a line for each field of what changes.
    pub async fn plan(&self, text: &str) -> String {
        let planned = self.planned(text, Goal::Up).await;
        let mut lines = Vec::new();
        for change in planned.changes {
            if change.action == Action::None {
                continue;
            }
            let symbol = change.action.symbol();
            lines.push(format!("{symbol} {}", change.address));
            let fields = change.fields.iter();
            lines.extend(fields.map(|f| format!("  {}: {} -> {}", f.path, f.old, f.new)));
        }
        lines.join("\n")
    }

    /// Makes it so.
    pub async fn up(&self, text: &str) {
        let planned = self.planned(text, Goal::Up).await;
        self.apply(&planned).await;
    }

    pub async fn apply(&self, planned: &Plan) {
        let outcome = apply(planned, &self.cloud, 8, &(), &Stop::default()).await;
        assert!(outcome.is_complete(), "{outcome:#?}");
    }
}
