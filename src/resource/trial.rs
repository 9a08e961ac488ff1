//! Stacks of one kind, tried out in the embedded cloud: what every field of a kind has to pass.

use crate::cloud::{Cloud, Target};
use crate::engine::{Action, Goal, Plan, Stop, Terms, apply, plan};
use crate::stack::{Document, Source, Stack};

/// A cloud of its own, and a folder for the files of a stack.
pub(super) struct Trial {
    folder: tempfile::TempDir,
    /// The stack's name.
    name: &'static str,
    pub cloud: Cloud,
}

impl Trial {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let target = Target::Local {
            data_dir: folder.path().join("cloud"),
        };
        Self::with("trial", folder, target).await
    }

    /// The same with another implementation of the APIs, such as moto's server, which
    /// `ATHGLUE_TEST_ENDPOINT` names. Others may use it at the same time, so the stack has a name
    /// of its own.
    pub async fn at_endpoint(name: &'static str) -> Self {
        let url = std::env::var("ATHGLUE_TEST_ENDPOINT").expect("ATHGLUE_TEST_ENDPOINT is set");
        let folder = tempfile::tempdir().expect("a folder");
        Self::with(name, folder, Target::Endpoint(url)).await
    }

    async fn with(name: &'static str, folder: tempfile::TempDir, target: Target) -> Self {
        let cloud = Cloud::connect(target, None, Some("eu-west-1"))
            .await
            .expect("it opens");
        Self {
            folder,
            name,
            cloud,
        }
    }

    /// Puts a file beside `stack.toml`.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("a file");
    }

    fn resolve(&self, tables: &str) -> Result<Stack, String> {
        let source = Source {
            display: "stack.toml".to_owned(),
            base_dir: self.folder.path().to_owned(),
            text: format!("[stack]\nname = \"{}\"\n{tables}", self.name),
        };
        let document = Document::parse(source).map_err(|error| error.to_string())?;
        document
            .resolve(self.cloud.account_id(), "eu-west-1")
            .map_err(|error| error.to_string())
    }

    pub fn stack(&self, tables: &str) -> Stack {
        self.resolve(tables)
            .unwrap_or_else(|error| panic!("{tables}\n{error}"))
    }

    /// What is wrong with the tables, as a user reads it.
    pub fn mistakes(&self, tables: &str) -> String {
        match self.resolve(tables) {
            Ok(_) => panic!("nothing is wrong with\n{tables}"),
            Err(error) => error,
        }
    }

    pub async fn plan(&self, tables: &str, goal: Goal) -> Plan {
        self.plan_within(tables, goal, &Terms::default()).await
    }

    async fn plan_within(&self, tables: &str, goal: Goal, terms: &Terms) -> Plan {
        let planned = plan(&self.stack(tables), &self.cloud, goal, terms).await;
        planned.unwrap_or_else(|error| panic!("{tables}\n{error}"))
    }

    /// Why there is no plan for `up`.
    pub async fn refusal(&self, tables: &str) -> String {
        let terms = Terms::default();
        match plan(&self.stack(tables), &self.cloud, Goal::Up, &terms).await {
            Ok(planned) => panic!("it is planned: {}", lines(&planned)),
            Err(error) => error.to_string(),
        }
    }

    /// What `up` would do: `update workgroups.main results, tags`, a line a resource.
    pub async fn changes(&self, tables: &str) -> String {
        lines(&self.plan(tables, Goal::Up).await)
    }

    /// Carries a plan out, which has to work.
    async fn carry_out(&self, planned: &Plan, tables: &str) {
        let outcome = apply(planned, &self.cloud, 8, &(), &Stop::default()).await;
        assert!(outcome.is_complete(), "{tables}\n{outcome:#?}");
    }

    /// `up`, after which a plan is empty; gives what it did, as [`Trial::changes`] tells it.
    pub async fn up(&self, tables: &str) -> String {
        let planned = self.plan(tables, Goal::Up).await;
        self.carry_out(&planned, tables).await;
        let left = self.plan(tables, Goal::Up).await;
        assert!(left.is_empty(), "{tables}\n{:#?}", left.changes);
        lines(&planned)
    }

    /// `up` that takes these addresses over, after which a plan is empty.
    pub async fn adopt(&self, tables: &str, addresses: &[&str]) -> String {
        let addresses = addresses.iter().map(|address| address.parse());
        let terms = Terms {
            adopt: addresses.collect::<Result<_, _>>().expect("addresses"),
            ..Terms::default()
        };
        let planned = self.plan_within(tables, Goal::Up, &terms).await;
        self.carry_out(&planned, tables).await;
        let left = self.plan(tables, Goal::Up).await;
        assert!(left.is_empty(), "{tables}\n{:#?}", left.changes);
        lines(&planned)
    }

    /// `destroy` with force on everything.
    async fn clear(&self, tables: &str) -> Terms {
        let stack = self.stack(tables);
        let addresses = stack.resources.iter().map(|d| d.resource.address().clone());
        let terms = Terms {
            force: addresses.collect(),
            ..Terms::default()
        };
        let planned = self.plan_within(tables, Goal::Destroy, &terms).await;
        self.carry_out(&planned, tables).await;
        terms
    }

    /// `destroy` with force on everything, after which nothing is left.
    pub async fn destroy(&self, tables: &str) {
        let terms = self.clear(tables).await;
        let left = self.plan_within(tables, Goal::Destroy, &terms).await;
        assert!(left.is_empty(), "{tables}\n{:#?}", left.changes);
    }

    /// For each case: `from` is set up and leaves an empty plan, `to` changes what the case says
    /// and leaves an empty plan, and all of it goes.
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

/// A change of one field.
pub(super) struct Case<'a> {
    /// What is the same before and after.
    pub base: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    /// As [`Trial::changes`] tells it.
    pub changes: &'a str,
}

/// What a plan does, a line a resource that changes.
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
