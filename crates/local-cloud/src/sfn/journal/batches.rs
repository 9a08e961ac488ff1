//! How the batch of one execution gets into the store, and what keeps it out.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Batch, Inner, Told, insert};
use crate::error::ServiceError;
use crate::sfn::executions::{self, End, Execution};
use crate::sfn::{history, map_runs};

/// What a batch found when it was written.
pub(super) struct Written {
    /// The execution's key; none of a child that is not begun.
    pub id: Option<i64>,
    pub standing: Standing,
}

/// What became of a batch that was written apart from the others.
pub(super) enum Settled {
    Written(Written),
    /// It cannot be written, and its execution has ended for that.
    Broken(ServiceError),
    /// Nor can that end be written now.
    Waiting(ServiceError),
}

/// An execution as its writer has to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Running,
    /// It runs, and its machine is being deleted.
    Deleting,
    /// It has ended, or the run is not its last one or not this process's any more.
    Ended,
}

/// Why an execution fails whose batch the store does not take.
pub(super) fn unwritable(error: &ServiceError) -> String {
    format!("The history of the execution cannot be written: {error}")
}

/// Whether an execution still runs.
pub(in crate::sfn) fn runs(c: &Connection, execution: i64) -> Result<bool, ServiceError> {
    Ok(c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM sfn_executions WHERE id = ?1 AND status = 'RUNNING')",
    )?
    .query_row([execution], |row| row.get(0))?)
}

/// What fails leaves nothing behind. It fails as a whole only where the store does, whatever is
/// written.
fn apart<T>(
    tx: &Transaction<'_>,
    write: impl FnOnce() -> Result<T, ServiceError>,
) -> Result<Result<T, ServiceError>, ServiceError> {
    tx.execute_batch("SAVEPOINT batch")?;
    match write() {
        Ok(value) => {
            tx.execute_batch("RELEASE batch")?;
            Ok(Ok(value))
        }
        Err(error) if error.is_of_disk => Err(error),
        Err(error) => {
            tx.execute_batch("ROLLBACK TO batch; RELEASE batch")?;
            Ok(Err(error))
        }
    }
}

impl Inner {
    pub(super) fn write(
        &self,
        tx: &Transaction<'_>,
        owner: &str,
        batch: &Batch,
    ) -> Result<Written, ServiceError> {
        let found = self.place(tx, owner, batch)?;
        let (Some(id), Standing::Running | Standing::Deleting) = (found.id, found.standing) else {
            return Ok(found);
        };
        if !self.is_express {
            insert(tx, id, &batch.events)?;
        }
        if let Some(log) = &self.log {
            log.write(tx, batch.events.iter().map(|(event, _)| event))?;
        }
        let Some((end, told)) = &batch.end else {
            return Ok(found);
        };
        for (arn, progress) in &batch.map_runs {
            map_runs::save_end(tx, arn, *progress)?;
        }
        match told {
            Told::Added => {
                history::end_from_outside(tx, id, end)?;
            }
            // What ended before it was written began nothing that would have to end with it.
            Told::Recorded if batch.row.is_some() => {}
            Told::Recorded => {
                executions::end(tx, id, end)?;
            }
        }
        Ok(Written {
            id: Some(id),
            standing: Standing::Ended,
        })
    }

    /// [`Self::write`], where some batch cannot be written: if it is this one, the execution ends as
    /// failed.
    pub(super) fn settle(
        &self,
        tx: &Transaction<'_>,
        owner: &str,
        batch: &Batch,
    ) -> Result<Settled, ServiceError> {
        let error = match apart(tx, || self.write(tx, owner, batch))? {
            Ok(written) => return Ok(Settled::Written(written)),
            Err(error) => error,
        };
        let end = End::failed(unwritable(&error));
        Ok(match apart(tx, || self.fail(tx, owner, &end))? {
            Ok(()) => Settled::Broken(error),
            Err(other) => {
                tracing::warn!(error = %other, "the end of an execution is not written yet");
                Settled::Waiting(error)
            }
        })
    }

    /// Ends the execution, if it is there and still this run's.
    fn fail(&self, tx: &Transaction<'_>, owner: &str, end: &End) -> Result<(), ServiceError> {
        let id = self.state.lock().id;
        let Some(id) = id else {
            return Ok(());
        };
        if self.standing(tx, owner, id)? == Standing::Ended {
            return Ok(());
        }
        if self.is_express {
            executions::end(tx, id, end)?;
        } else {
            history::end_from_outside(tx, id, end)?;
        }
        Ok(())
    }

    /// The execution's key, which one that is new gets now, and whether this run of it goes on.
    fn place(
        &self,
        tx: &Transaction<'_>,
        owner: &str,
        batch: &Batch,
    ) -> Result<Written, ServiceError> {
        let (id, is_closed) = {
            let state = self.state.lock();
            (state.id, state.closed)
        };
        if is_closed {
            return Ok(Written {
                id,
                standing: Standing::Ended,
            });
        }
        match (&batch.row, id) {
            (Some(row), _) => {
                let end = match &batch.end {
                    Some((end, Told::Recorded)) => Some(end),
                    _ => None,
                };
                self.begin(tx, owner, row, end)
            }
            (None, Some(id)) => Ok(Written {
                id: Some(id),
                standing: self.standing(tx, owner, id)?,
            }),
            (None, None) => Err(ServiceError::internal("an execution without a row")),
        }
    }

    /// Adds the row of an execution that is new, unless it is a child that may not begin any more.
    fn begin(
        &self,
        tx: &Transaction<'_>,
        owner: &str,
        row: &Execution,
        end: Option<&End>,
    ) -> Result<Written, ServiceError> {
        if let (Some(parent), Some(child)) = (self.parent, &row.child)
            && !executions::may_begin_children(tx, owner, parent, &child.map_run)?
        {
            return Ok(Written {
                id: None,
                standing: Standing::Ended,
            });
        }
        Ok(Written {
            id: Some(executions::add(tx, owner, row, end)?),
            standing: Standing::Running,
        })
    }

    /// How the execution of this key stands to this run of it.
    pub(super) fn standing(
        &self,
        c: &Connection,
        owner: &str,
        id: i64,
    ) -> Result<Standing, ServiceError> {
        let deleting: Option<bool> = c
            .prepare_cached(
                "SELECT e.map_run IS NULL AND coalesce(m.document ->> '$.deleting', 1) FROM sfn_executions e
                 LEFT JOIN sfn_machines m ON m.region = e.region AND m.name = e.machine
                 WHERE e.id = ?1 AND e.status = 'RUNNING' AND e.owner = ?2 AND e.redrives = ?3",
            )?
            .query_row((id, owner, self.redrives), |row| row.get(0))
            .optional()?;
        let is_deleting = match deleting {
            Some(is_deleting) if self.parent_stands(c, owner)? => is_deleting,
            _ => return Ok(Standing::Ended),
        };
        Ok(if is_deleting {
            Standing::Deleting
        } else {
            Standing::Running
        })
    }

    fn parent_stands(&self, c: &Connection, owner: &str) -> Result<bool, ServiceError> {
        match self.parent {
            Some(parent) => executions::is_current(c, owner, parent),
            None => Ok(true),
        }
    }
}
