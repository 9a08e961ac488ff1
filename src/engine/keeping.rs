//! What holds data, and what becomes of it.

use std::sync::Arc;

use super::plan::{Action, Change, leaving};
use super::planning::{Planner, Purpose};
use super::reading::{ask_all, steadily};
use super::refusal::Refusal;
use crate::cloud::Cloud;
use crate::policy::Fact;
use crate::resource::Held;

impl Planner<'_> {
    /// What holds data stays, unless it was given up; a replacement that would lose data is
    /// refused, since without it `stack.toml` would not be met.
    pub(super) async fn keep_data(&self, changes: &mut [Change], cloud: &Cloud) -> Vec<Refusal> {
        let goes = |action| matches!(action, Action::Delete | Action::Replace);
        let leaving: Arc<[Fact]> = leaving(self.goal, changes).into();
        let going = changes.iter_mut().filter(|change| goes(change.action));
        let held = ask_all(going, self.terms.reads, |change| {
            let (resource, cloud, leaving) =
                (change.resource.clone(), cloud.clone(), leaving.clone());
            async move { steadily(|| resource.holds(&cloud, &leaving)).await }
        })
        .await;
        let mut refusals = Vec::new();
        for (change, held) in held {
            let held = match held {
                Ok(None) => continue,
                Ok(Some(Held::Stays(reason))) => {
                    change.reason.get_or_insert(reason);
                    continue;
                }
                Ok(Some(Held::Data(held))) => held,
                Err(error) => {
                    refusals.push(Refusal::of_call(&change.address, &error));
                    continue;
                }
            };
            let before = change.reason.take().map(|reason| format!("{reason}; "));
            let before = before.unwrap_or_default();
            let way_out = format!("--force {} deletes it all the same", change.address);
            if change.force {
                change.reason = Some(format!("{before}{held}; its data goes too"));
            } else if change.action == Action::Replace && self.purpose == Purpose::Look {
                change.reason = Some(format!("{before}{held}"));
            } else if change.action == Action::Replace {
                refusals.push(Refusal {
                    address: change.address.clone(),
                    message: format!("`{}` has to be replaced: {before}{held}", change.name),
                    label: "would lose its data".to_owned(),
                    help: Some(format!(
                        "--force {} gives that up, and so does `force_destroy = true`",
                        change.address
                    )),
                });
            } else {
                change.action = Action::Keep;
                change.reason = Some(format!("{before}{held}; {way_out}"));
            }
        }
        refusals
    }
}
