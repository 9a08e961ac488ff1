//! A resource made up for a test, which writes down what is done to it.

use super::*;

/// What a made-up resource did, in order.
pub(super) type Log = Arc<Mutex<Vec<String>>>;

#[derive(Debug)]
pub(super) struct Fake {
    pub address: Address,
    pub live: Option<Fields>,
    pub ownership: Ownership,
    pub desired: Fields,
    pub holds: Option<&'static str>,
    /// What it holds goes with this.
    pub held_by: Option<Fact>,
    /// The service never deletes it.
    pub stays: Option<&'static str>,
    pub facts: Vec<Fact>,
    pub fails: bool,
    /// Somebody else makes it first, so that the service says it exists.
    pub raced: Option<Fields>,
    /// Somebody else deletes it first.
    pub vanishes: bool,
    /// Somebody else deletes it between two calls of the first read.
    pub goes_while_read: AtomicBool,
    pub log: Log,
}

impl Fake {
    pub fn new(id: &str, log: &Log) -> Self {
        Self {
            address: Address::new("buckets", id),
            live: None,
            ownership: Ownership::Inherent,
            desired: Fields::new(),
            holds: None,
            fails: false,
            raced: None,
            vanishes: false,
            goes_while_read: AtomicBool::new(false),
            stays: None,
            held_by: None,
            facts: Vec::new(),
            log: log.clone(),
        }
    }

    fn done(&self, what: &str) -> Result<(), CallError> {
        let line = format!("{what} {}", self.address.id);
        self.log.lock().expect("no panic").push(line);
        if self.fails {
            return Err(CallError::here(what, "told to fail"));
        }
        Ok(())
    }
}

impl Resource for Fake {
    fn address(&self) -> &Address {
        &self.address
    }

    fn kind(&self) -> &'static str {
        "buckets"
    }

    fn name(&self) -> &str {
        &self.address.id
    }

    fn attribute(&self, _: &str) -> Option<String> {
        None
    }

    fn desired(&self) -> Fields {
        self.desired.clone()
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["type"]
    }

    fn read<'a>(&'a self, _: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            if self.goes_while_read.swap(false, Ordering::Relaxed) {
                return Err(CallError {
                    code: Some("NoSuchBucket".to_owned()),
                    ..CallError::here("GetBucketTagging", "it does not exist")
                });
            }
            let has_done = |what: String| {
                let log = self.log.lock().expect("no panic");
                log.contains(&what)
            };
            if self.vanishes && has_done(format!("delete {}", self.address.id)) {
                return Ok(None);
            }
            let is_tried = has_done(format!("create {}", self.address.id));
            let raced = self.raced.clone().filter(|_| is_tried);
            Ok(self.live.clone().or(raced).map(|fields| Live {
                fields,
                ownership: self.ownership.clone(),
            }))
        })
    }

    fn facts(&self) -> Vec<Fact> {
        self.facts.clone()
    }

    fn sensitive(&self) -> &'static [&'static str] {
        &["secret"]
    }

    fn holds<'a>(&'a self, _: &'a Cloud, leaving: &'a [Fact]) -> Call<'a, Option<Held>> {
        Box::pin(async move {
            let stays = || self.stays.map(|reason| Held::Stays(reason.to_owned()));
            let data = self.holds.map(|reason| Held::Data(reason.to_owned()));
            let left = leaving
                .iter()
                .any(|fact| self.held_by.as_ref() == Some(fact));
            Ok(data.filter(|_| !left).or_else(stays))
        })
    }

    fn create<'a>(&'a self, _: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            self.done("create")?;
            if self.raced.is_none() {
                return Ok(());
            }
            Err(CallError {
                code: Some("AlreadyExistsException".to_owned()),
                ..CallError::here("Create", "it exists")
            })
        })
    }

    fn update<'a>(
        &'a self,
        _: &'a Work<'a>,
        _: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let fields: Vec<&str> = changed.iter().map(String::as_str).collect();
            self.done(&format!("update {} of", fields.join(",")))
        })
    }

    fn delete<'a>(&'a self, _: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            self.done("delete")?;
            if self.vanishes {
                return Err(CallError::here("Delete", "it is not there"));
            }
            Ok(())
        })
    }
}

/// A stack of made-up resources; each needs the one before it in its list.
pub(super) fn chain(fakes: Vec<Fake>) -> Stack {
    let mut before = None;
    let resources = fakes
        .into_iter()
        .map(|fake| {
            let address = fake.address.clone();
            let declared = Declared {
                resource: Arc::new(fake),
                span: 0..0,
                depends_on: before.take().into_iter().collect(),
                lifecycle: Lifecycle::default(),
            };
            before = Some(address);
            declared
        })
        .collect();
    Stack {
        name: "films".to_owned(),
        scope: Scope {
            stack: "films".to_owned(),
            ..Scope::default()
        },
        resources,
        source: Arc::new(Source::default()),
        ..Stack::default()
    }
}
