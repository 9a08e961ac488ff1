//! One crawl in this process, from the data to the catalog.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch::Sender;

use super::super::{snapshot, watch};
use crate::cloud::Cloud;
use crate::native::plan::{Change, TablePlan, Unseen};
use crate::native::{self, Job, Plan, new_partitions};
use crate::output::crawl::{Catalog, Partitions, Report, TableChange, Warning, difference, of_crawl};
use crate::output::{Lines, Moving, human};
use crate::resource::CallError;

/// A crawl that is made beside others.
pub struct Crawl {
    /// What it is called.
    pub shown: String,
    pub job: Job,
    /// Its place among those that are made together, the first being 0.
    pub place: usize,
    pub partitions_only: bool,
    pub dry_run: bool,
}

/// Whose turn it is to look at the catalog and write to it: crawls that look at their data at the
/// same time come to the same tables as one after the other would, of one path and database too.
#[derive(Debug, Default)]
pub struct Turns(Sender<usize>);

impl Turns {
    /// Waits until all crawls before this one are over.
    async fn wait(&self, place: usize) {
        // The sender lives as long as this does, so there is always an answer.
        let _ = self.0.subscribe().wait_for(|next| *next >= place).await;
    }

    fn pass(&self, place: usize) {
        self.0.send_replace(place + 1);
    }
}

/// What was found, before the catalog is asked what is new of it.
enum Found {
    Tables(crawler::Crawled),
    Partitions(Plan),
}

/// How far a crawl is.
#[derive(Default)]
struct Looked {
    /// Objects, or folders where no object is looked at.
    count: AtomicU64,
    bytes: AtomicU64,
}

impl Crawl {
    /// Gives what it came to.
    pub async fn make(&self, cloud: &Cloud, turns: &Turns, live: &Lines) -> anyhow::Result<Report> {
        let bar = live.add(&format!("{} is being listed", self.shown));
        let looked = Looked::default();
        let began = Instant::now();
        let found = self.look(cloud, &looked, &bar).await;
        let time = began.elapsed();
        if self.place > 0 {
            bar.set(format!("{} waits for the crawls before it", self.shown));
        }
        turns.wait(self.place).await;
        let report = match found {
            Ok(found) => self.finish(cloud, found, &looked, time, &bar).await,
            Err(error) => Err(error.into()),
        };
        turns.pass(self.place);
        bar.end();
        report
    }

    async fn look(
        &self,
        cloud: &Cloud,
        looked: &Looked,
        bar: &Moving,
    ) -> Result<Found, native::Error> {
        let job = &self.job;
        if self.partitions_only {
            let count = |folders: u64| {
                let all = looked.count.fetch_add(folders, Ordering::Relaxed) + folders;
                bar.set(format!("{}  {}", self.shown, counted(all, "folder")));
            };
            let plan = new_partitions::plan(cloud, &job.database, &job.rules, &count).await?;
            return Ok(Found::Partitions(plan));
        }
        let progress = |now: crawler::Progress| {
            looked.count.store(now.objects, Ordering::Relaxed);
            looked.bytes.store(now.bytes_read, Ordering::Relaxed);
            let read = human::bytes(now.bytes_read);
            let objects = counted(now.objects, "object");
            bar.set(format!("{}  {objects}, {read} read", self.shown));
        };
        let found = native::look(job, &progress).await?;
        looked.count.store(found.objects, Ordering::Relaxed);
        looked.bytes.store(found.bytes_read, Ordering::Relaxed);
        Ok(Found::Tables(found))
    }

    /// Holds what was found against the catalog, and writes what is new. `time` is what it took to
    /// look at the data.
    async fn finish(
        &self,
        cloud: &Cloud,
        found: Found,
        looked: &Looked,
        time: Duration,
        bar: &Moving,
    ) -> anyhow::Result<Report> {
        let began = Instant::now();
        let (plan, mut warnings) = self.plan(cloud, found, bar).await?;
        let mut changes = changes(&plan);
        warnings.extend(grouped_anew(&plan));
        warnings.extend(misfits(&plan));
        warnings.extend(unseen(&plan));
        let mut failures: Vec<String> = why_unseen(&plan.unseen).into_iter().collect();
        if !self.dry_run {
            bar.set(format!("{} is being written", self.shown));
            let refused = native::write::write(cloud, &plan).await?;
            changes.retain(|change| !refused.iter().any(|(name, _)| *name == change.table));
            failures.extend(why_refused(&refused));
        }
        let status = match (failures.is_empty(), self.dry_run) {
            (false, _) => "FAILED",
            (true, true) => "DRY_RUN",
            (true, false) => "SUCCEEDED",
        };
        let seconds = (time + began.elapsed()).as_secs_f64();
        let seen = looked.count.load(Ordering::Relaxed);
        Ok(Report {
            crawler: self.shown.clone(),
            status: status.to_owned(),
            message: (!failures.is_empty()).then(|| failures.join("; ")),
            seconds,
            objects: (!self.partitions_only).then_some(seen),
            folders: self.partitions_only.then_some(seen),
            bytes_read: Some(looked.bytes.load(Ordering::Relaxed)),
            cost: Some(watch::cost_of(seconds)),
            billed: false,
            database_added: plan.makes_database.then_some(plan.database),
            warnings,
            changes,
        })
    }

    /// What would be written, and what the crawl warns of.
    async fn plan(
        &self,
        cloud: &Cloud,
        found: Found,
        bar: &Moving,
    ) -> Result<(Plan, Vec<Warning>), native::Error> {
        let mut found = match found {
            Found::Partitions(plan) => return Ok((plan, Vec::new())),
            Found::Tables(found) => found,
        };
        let tables = counted(found.tables.len() as u64, "table");
        bar.set(format!("{}  {tables}; the catalog is being read", self.shown));
        let plan = native::plan(cloud, &self.job, &found).await?;
        found.advice = found.advice_by_names(&|name| plan.called(name));
        Ok((plan, of_crawl(&found)))
    }
}

/// Says of tables that no longer are ones why they are neither deprecated nor deleted.
fn grouped_anew(plan: &Plan) -> impl Iterator<Item = Warning> + '_ {
    plan.grouped_anew.iter().map(|(table, holder)| Warning {
        location: format!("{}.{table}", plan.database),
        message: format!("its data is part of table {holder} now; the table stays as it is"),
    })
}

/// Says of data why it is of no table.
fn misfits(plan: &Plan) -> impl Iterator<Item = Warning> + '_ {
    plan.misfits.iter().map(|misfit| Warning {
        location: misfit.location.clone(),
        message: misfit.message.clone(),
    })
}

/// Says of tables why they were not looked at.
fn unseen(plan: &Plan) -> impl Iterator<Item = Warning> + '_ {
    plan.unseen.iter().map(|one| Warning {
        location: one.location.clone(),
        message: format!(
            "table {}.{} cannot be looked at: {}",
            plan.database, one.table, one.error
        ),
    })
}

/// Which tables could not be looked at.
fn why_unseen(unseen: &[Unseen]) -> Option<String> {
    let names: Vec<&str> = unseen.iter().map(|one| one.table.as_str()).collect();
    let tables = named_tables(&names)?;
    Some(format!("{tables} cannot be looked at"))
}

/// Which tables the catalog did not take, and why it did not take the first.
fn why_refused(refused: &[(String, CallError)]) -> Option<String> {
    let (_, error) = refused.first()?;
    let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    let tables = named_tables(&names)?;
    Some(format!("{tables} cannot be written: {error}"))
}

/// `table films`, `tables films, songs`
fn named_tables(names: &[&str]) -> Option<String> {
    let what = match names.len() {
        0 => return None,
        1 => "table",
        _ => "tables",
    };
    Some(format!("{what} {}", names.join(", ")))
}

fn counted(number: u64, one: &str) -> String {
    human::plural(usize::try_from(number).unwrap_or(usize::MAX), one)
}

/// The difference that a plan makes.
fn changes(plan: &Plan) -> Vec<TableChange> {
    let before = snapshot::of(&plan.before);
    let mut after: Catalog = before.clone();
    let mut partitions = BTreeMap::new();
    for table in &plan.tables {
        let moved = Partitions {
            added: table.partitions.create.len(),
            changed: table.partitions.update.len(),
            removed: table.partitions.delete.len(),
        };
        partitions.insert(table.name.clone(), moved);
        change(table, &mut after);
    }
    difference(&plan.database, &before, &after, &partitions)
}

fn change(table: &TablePlan, after: &mut Catalog) {
    match &table.change {
        Change::Keep => {}
        Change::Delete => {
            after.remove(&table.name);
        }
        Change::Create(input) | Change::Update(input) => {
            let seen = snapshot::seen(
                "new",
                input.storage_descriptor(),
                input.partition_keys(),
                input.parameters(),
            );
            after.insert(table.name.clone(), seen);
        }
    }
}
