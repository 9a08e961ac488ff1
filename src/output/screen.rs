//! What the application of a plan looks like, line by line: knows no terminal.

use std::collections::{HashMap, HashSet};

use super::{Paint, human};
use crate::engine::{Action, Event, Waited};
use crate::resource::{Address, awaited};

/// The lines of what is being done and of what is done.
pub struct Screen {
    paint: Paint,
    width: usize,
    planned: usize,
    settled: usize,
    running: HashMap<Address, Running>,
    told: HashSet<(Address, String)>,
}

struct Running {
    action: Action,
    note: Option<String>,
}

impl Screen {
    /// A screen for what is to happen to these.
    pub fn new<'a>(planned: impl Iterator<Item = &'a Address> + Clone, paint: Paint) -> Self {
        let widths = planned.clone().map(|a| a.to_string().chars().count());
        Self {
            paint,
            width: widths.max().unwrap_or_default(),
            planned: planned.count(),
            settled: 0,
            running: HashMap::new(),
            told: HashSet::new(),
        }
    }

    /// Takes in what happened; gives the line that stays of it, if one does.
    pub fn take(&mut self, event: &Event<'_>) -> Option<String> {
        let paint = self.paint;
        match event {
            Event::Started { address, action } => {
                let running = Running {
                    action: *action,
                    note: None,
                };
                self.running.insert((*address).clone(), running);
                None
            }
            Event::Note { address, text } => {
                if let Some(running) = self.running.get_mut(address) {
                    running.note = Some((*text).to_owned());
                }
                None
            }
            Event::Finished {
                address,
                action,
                elapsed,
                waited,
            } => {
                self.settle(address);
                let address = self.padded(address);
                let line = format!("{} {address} {}", action.symbol(), did(*action));
                let time = format!("{}{}", human::duration(*elapsed), in_waiting(waited));
                Some(format!(
                    "{}  {}",
                    paint.action(*action, &line),
                    paint.faint(&time)
                ))
            }
            Event::Failed {
                address,
                action,
                error,
                elapsed,
                waited,
            } => {
                self.settle(address);
                let address = self.padded(address);
                let code = error.code.as_deref().unwrap_or(&error.operation);
                let line = format!("✗ {address} not {}: {code}", did(*action));
                let time = format!("{}{}", human::duration(*elapsed), in_waiting(waited));
                Some(format!("{}  {}", paint.bad(&line), paint.faint(&time)))
            }
            // What is not tried is told at the end, all together.
            Event::Skipped { address } => {
                self.settle(address);
                None
            }
        }
    }

    fn settle(&mut self, address: &Address) {
        self.running.remove(address);
        self.settled += 1;
    }

    /// What one resource is doing now.
    pub fn moving(&self, address: &Address) -> String {
        let Some(running) = self.running.get(address) else {
            return String::new();
        };
        let note = running.note.as_deref();
        let now = note.unwrap_or_else(|| doing(running.action));
        format!("{} {now}", self.padded(address))
    }

    /// How far it is: `12 of 300`.
    pub fn total(&self) -> String {
        format!(
            "{} of {}",
            human::count(self.settled),
            human::count(self.planned)
        )
    }

    /// The line that tells of a wait, the first time that this resource waits for this.
    pub fn new_wait(&mut self, event: &Event<'_>) -> Option<String> {
        let Event::Note { address, text } = event else {
            return None;
        };
        let what = awaited(text)?;
        let is_new = self.told.insert(((*address).clone(), what.to_owned()));
        is_new.then(|| {
            self.paint
                .faint(&format!("… {} {text}", self.padded(address)))
        })
    }

    fn padded(&self, address: &Address) -> String {
        format!("{:width$}", address.to_string(), width = self.width)
    }
}

/// `, 9.1 s of it waiting: Glue cannot take the role yet`
fn in_waiting(waited: &Waited) -> String {
    match &waited.reason {
        Some(reason) => format!(", {} of it waiting: {reason}", human::duration(waited.time)),
        None => String::new(),
    }
}

fn doing(action: Action) -> &'static str {
    match action {
        Action::Create => "is being created",
        Action::Update => "is being changed",
        Action::Replace => "is being replaced",
        Action::Delete => "is being deleted",
        Action::Adopt => "is being taken over",
        Action::None | Action::Keep => "stays",
    }
}

pub fn did(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "changed",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
        Action::Adopt => "taken over",
        Action::None | Action::Keep => "touched",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::resource::CallError;

    /// What a terminal shows after these events: what stays, then what moves.
    fn shown(events: &[Event<'_>], planned: &[Address]) -> String {
        let mut screen = Screen::new(planned.iter(), Paint(false));
        let mut lines: Vec<String> = events.iter().filter_map(|e| screen.take(e)).collect();
        let running = planned.iter().filter(|a| screen.running.contains_key(*a));
        lines.extend(running.map(|address| format!("⠋ {}", screen.moving(address))));
        lines.push(format!("⠋ {}", screen.total()));
        lines.join("\n")
    }

    #[test]
    fn the_screen_of_up_in_progress() {
        let planned = [
            "buckets.data",
            "crawlers.films.role",
            "crawlers.films",
            "crawlers.songs",
            "uploads.sample",
            "workgroups.main",
            "queries.top",
        ]
        .map(|address| address.parse::<Address>().expect("an address"));
        let [bucket, role, films, songs, sample, workgroup, _] = &planned;
        let started = |address, action| Event::Started { address, action };
        let waited = Waited::default();
        let finished = |address, action, millis, waited| Event::Finished {
            address,
            action,
            elapsed: Duration::from_millis(millis),
            waited,
        };
        let role_wait = Waited {
            time: Duration::from_secs(9),
            reason: Some("Glue cannot take the role yet".to_owned()),
        };
        let error = CallError {
            code: Some("InvalidRequestException".to_owned()),
            ..CallError::here("UpdateWorkGroup", "no")
        };
        let events = [
            started(bucket, Action::Create),
            started(role, Action::Create),
            finished(bucket, Action::Create, 412, &waited),
            finished(role, Action::Create, 1200, &waited),
            started(songs, Action::Create),
            started(films, Action::Update),
            started(sample, Action::Create),
            started(workgroup, Action::Update),
            finished(songs, Action::Create, 12_300, &role_wait),
            Event::Failed {
                address: workgroup,
                action: Action::Update,
                error: &error,
                elapsed: Duration::from_millis(300),
                waited: &waited,
            },
            Event::Note {
                address: films,
                text: "waiting: it is running, and can be changed when it is done",
            },
            Event::Note {
                address: sample,
                text: "12 of 300 files",
            },
        ];
        insta::assert_snapshot!(shown(&events, &planned), @r"
        + buckets.data        created  0.41 s
        + crawlers.films.role created  1.2 s
        + crawlers.songs      created  12.3 s, 9.0 s of it waiting: Glue cannot take the role yet
        ✗ workgroups.main     not changed: InvalidRequestException  0.30 s
        ⠋ crawlers.films      waiting: it is running, and can be changed when it is done
        ⠋ uploads.sample      12 of 300 files
        ⠋ 4 of 7
        ");
    }

    #[test]
    fn where_nothing_moves_a_wait_is_told_once() {
        let address: Address = "crawlers.films".parse().expect("an address");
        let mut screen = Screen::new([&address].into_iter(), Paint(false));
        let note = |text| Event::Note {
            address: &address,
            text,
        };
        let wait = note("waiting: Glue cannot take the role yet");
        assert_eq!(
            screen.new_wait(&wait).as_deref(),
            Some("… crawlers.films waiting: Glue cannot take the role yet")
        );
        let later = note("waiting for 12 s: Glue cannot take the role yet");
        assert_eq!(screen.new_wait(&later), None);
        assert_eq!(screen.new_wait(&note("12 of 300 files")), None);
    }
}
