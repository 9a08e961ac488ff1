//! What a command works with: the options, the stack, a way to the cloud.

use std::path::{Path, PathBuf};

use asl::Mocks;

use crate::cli::{Options, TargetName};
use crate::cloud::{Cloud, Extras, LOCAL_ACCOUNT, Target, environment_endpoint};
use crate::engine::{self, Goal, Plan, PlanError, Terms};
use crate::machine;
use crate::output::{Output, Refused};
use crate::stack::{Diagnostics, Document, Stack};

/// The region of the embedded cloud when nobody names one.
const LOCAL_REGION: &str = "us-east-1";

#[derive(Debug)]
pub struct Session {
    pub options: Options,
    pub output: Output,
}

impl Session {
    pub fn new(options: Options, output: Output) -> Self {
        Self { options, output }
    }

    /// The path of `stack.toml`.
    pub fn stack_file(&self) -> PathBuf {
        stack_file(&self.options.file)
    }

    /// The stack as it is written.
    pub fn document(&self) -> anyhow::Result<Document> {
        let path = self.stack_file();
        if !path.exists() {
            anyhow::bail!("{}", no_file(&path));
        }
        Ok(Document::load(&path)?.with(self.options.inputs())?)
    }

    /// The stack's text and the cloud that it names; commands that look around do without a stack.
    pub async fn open(&self) -> anyhow::Result<(Option<Stack>, Cloud)> {
        self.open_with(None).await
    }

    /// The same, where an embedded cloud has mocks of tasks.
    pub async fn open_with(&self, mocks: Option<Mocks>) -> anyhow::Result<(Option<Stack>, Cloud)> {
        if !self.stack_file().exists() {
            let extras = Extras {
                mocks,
                ..Extras::default()
            };
            return Ok((None, self.connect(None, extras).await?));
        }
        let (stack, cloud) = self.stack_with(mocks).await?;
        Ok((Some(stack), cloud))
    }

    /// The stack with every reference resolved, and the cloud it lives in.
    pub async fn stack(&self) -> anyhow::Result<(Stack, Cloud)> {
        self.stack_with(None).await
    }

    async fn stack_with(&self, mocks: Option<Mocks>) -> anyhow::Result<(Stack, Cloud)> {
        let document = self.document()?;
        // The embedded cloud is no account that one could mistake for another.
        let is_embedded = matches!(self.target(), Target::Local { .. });
        let (mut account_id, region) = self.placeholders(&document);
        if is_embedded {
            LOCAL_ACCOUNT.clone_into(&mut account_id);
        }
        // Mistakes come to light before anything is called.
        let expected = self.resolve_in(&document, &account_id, &region)?;
        let extras = Extras::of(&expected, mocks);
        let cloud = self.connect(Some(&document), extras).await?;
        let account_id = (!is_embedded).then(|| cloud.account_id());
        document.check_home(account_id, cloud.region())?;
        let here = [cloud.account_id(), cloud.region()];
        if here == [&expected.scope.account_id, &expected.scope.region] {
            return Ok((expected, cloud));
        }
        // What is secret may hold the account or the region.
        let stack = self.resolve_in(&document, cloud.account_id(), cloud.region())?;
        Ok((stack, cloud))
    }

    /// What leads to `goal`; why there is no plan is told with the places in `stack.toml`.
    pub async fn plan(
        &self,
        stack: &Stack,
        cloud: &Cloud,
        goal: Goal,
        terms: &Terms,
    ) -> anyhow::Result<Plan> {
        let reading = self.output.spinner("Reading what is there");
        let plan = engine::plan(stack, cloud, goal, terms).await;
        reading.end();
        self.warned(plan, stack)
    }

    /// Warns of what will go wrong with the stack's resources where they are to be, and with its state
    /// machines where they are to run; refuses what cannot be there at all.
    pub fn check_machines(&self, stack: &Stack) -> Result<(), Diagnostics> {
        match self.doubts(stack) {
            Some(doubts) if doubts.refuse() => Err(doubts),
            Some(doubts) => {
                self.output.tell(doubts.render(self.output.talk.0));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// What will go wrong with the stack's resources and state machines; none if nothing is doubtful.
    pub fn doubts(&self, stack: &Stack) -> Option<Diagnostics> {
        let is_embedded = matches!(self.target(), Target::Local { .. });
        let mut found = stack.doubts.clone();
        found.extend(machine::doubts(stack, is_embedded));
        (!found.is_empty()).then(|| Diagnostics::of(stack, found))
    }

    /// The mistakes of a document that is no stack, and what else will go wrong with its state
    /// machines as far as they can be read.
    pub fn with_doubts(&self, document: &Document, mistakes: Diagnostics) -> Diagnostics {
        let is_embedded = matches!(self.target(), Target::Local { .. });
        let (account_id, region) = self.placeholders(document);
        let sketch = document.sketch(&account_id, &region);
        let mut found = sketch.doubts.clone();
        found.extend(machine::doubts_of_sketch(document, &sketch, is_embedded));
        mistakes.and_elsewhere(Diagnostics::of(&sketch, found))
    }

    /// What is there, held against stack.toml. What is somebody else's hinders nothing.
    pub async fn look(&self, stack: &Stack, cloud: &Cloud, terms: &Terms) -> anyhow::Result<Plan> {
        let reading = self.output.spinner("Reading what is there");
        let plan = engine::look(stack, cloud, terms).await;
        reading.end();
        self.warned(plan, stack)
    }

    /// Tells what a plan does not know, or why there is none.
    fn warned(&self, plan: Result<Plan, PlanError>, stack: &Stack) -> anyhow::Result<Plan> {
        let plan = plan.map_err(|error| Refused::new(&error, stack))?;
        for warning in &plan.warnings {
            self.output.warn(&warning.message);
        }
        Ok(plan)
    }

    /// The stack without asking any cloud: where AWS would give the account, a placeholder stands.
    pub fn resolve(&self, document: &Document) -> Result<Stack, Diagnostics> {
        let (account_id, region) = self.placeholders(document);
        self.resolve_in(document, &account_id, &region)
    }

    fn resolve_in(
        &self,
        document: &Document,
        account_id: &str,
        region: &str,
    ) -> Result<Stack, Diagnostics> {
        let stack = document.resolve(account_id, region)?;
        self.output.hide(&stack.secrets);
        Ok(stack)
    }

    /// The account and the region as far as they are known without asking.
    pub fn placeholders(&self, document: &Document) -> (String, String) {
        let region = self.options.region.clone().or_else(|| document.region());
        (
            document
                .account()
                .unwrap_or_else(|| LOCAL_ACCOUNT.to_owned()),
            region.unwrap_or_else(|| LOCAL_REGION.to_owned()),
        )
    }

    /// The region of the embedded cloud that commands here work in. A stack.toml that cannot be read
    /// names none.
    #[cfg(feature = "local")]
    pub fn local_region(&self) -> String {
        let given = self.options.region.clone();
        let of_stack = || self.document().ok()?.region();
        given
            .or_else(of_stack)
            .unwrap_or_else(|| LOCAL_REGION.to_owned())
    }

    async fn connect(&self, document: Option<&Document>, extras: Extras) -> anyhow::Result<Cloud> {
        let region = self
            .options
            .region
            .clone()
            .or_else(|| document.and_then(Document::region));
        let profile = self.options.profile.as_deref();
        let target = self.target();
        #[cfg(feature = "local")]
        if let (Target::Local { .. }, Some(file)) = (&target, crate::chaos::named()) {
            self.output.warn(format!(
                "the embedded cloud misbehaves as {} says ({} is set)",
                file.display(),
                crate::chaos::VARIABLE
            ));
        }
        #[cfg(feature = "local")]
        let extras = Extras {
            listener: Some(self.listener()),
            ..extras
        };
        let cloud = Cloud::connect_with(target, profile, region.as_deref(), extras).await?;
        Ok(cloud)
    }

    /// Who tells what the functions of the embedded cloud write to stderr, above what moves there.
    #[cfg(feature = "local")]
    fn listener(&self) -> local_cloud::sfn::Listener {
        let output = self.output.clone();
        local_cloud::sfn::Listener::new(move |line| output.tell(line))
    }

    /// Where the stack is kept.
    pub fn target(&self) -> Target {
        match &self.options.target {
            Some(TargetName::Local) => self.local(),
            Some(TargetName::Aws) => Target::Aws,
            Some(TargetName::Endpoint(url)) => Target::Endpoint(url.clone()),
            None if environment_endpoint().is_some() || !cfg!(feature = "local") => Target::Aws,
            None => self.local(),
        }
    }

    fn local(&self) -> Target {
        Target::Local {
            data_dir: self.data_dir(),
        }
    }

    /// The folder of the embedded cloud.
    pub fn data_dir(&self) -> PathBuf {
        if let Some(dir) = &self.options.data_dir {
            return dir.clone();
        }
        data_dir_beside(&self.stack_file())
    }

    /// Asks before something is changed. Without a terminal only `--yes` is an answer.
    pub fn confirm(&self, question: &str) -> anyhow::Result<bool> {
        if self.options.yes {
            return Ok(true);
        }
        self.output.ask(question)
    }
}

/// The path of the `stack.toml` that is meant by `given`: its file, or the folder that holds it.
pub fn stack_file(given: &Path) -> PathBuf {
    if given.is_dir() {
        given.join("stack.toml")
    } else {
        given.to_owned()
    }
}

/// The folder of the embedded cloud beside a stack's file.
pub fn data_dir_beside(file: &Path) -> PathBuf {
    let beside = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    beside.join(".athglue")
}

/// What is said where there is no `stack.toml`.
fn no_file(path: &Path) -> String {
    let folder = match path.parent() {
        _ if path.extension().is_none() => Some(path),
        Some(parent) if parent != Path::new("") => Some(parent),
        _ => None,
    };
    let (missing, init) = match folder {
        Some(folder) if folder == path => (
            format!("{}, neither a folder nor a file", path.display()),
            format!("athglue init {}", folder.display()),
        ),
        Some(folder) => (
            path.display().to_string(),
            format!("athglue init {}", folder.display()),
        ),
        None => (path.display().to_string(), "athglue init".to_owned()),
    };
    let other = match above() {
        Some(above) if folder.is_none() => format!("`-C {}` takes the one above", above.display()),
        _ => "`-C PATH` names another".to_owned(),
    };
    format!("there is no {missing}\n  help: `{init}` writes one, {other}")
}

/// The nearest folder above this one that has a `stack.toml`, as a path from here.
fn above() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let (mut up, mut at) = (PathBuf::new(), here.as_path());
    loop {
        at = at.parent()?;
        up.push("..");
        if at.join("stack.toml").is_file() {
            return Some(up);
        }
    }
}
