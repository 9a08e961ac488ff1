//! What each file of a tree holds, read in parallel.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::path::Path;
use tokio::task::JoinSet;

use crate::classify::custom::CustomClassifier;
use crate::classify::{self, Classified, Records, Shape, Unreadable};
use crate::listing::{FolderId, Tree};
use crate::memory::{self, Counted, Identity, Memory, Remembered};
use crate::sample::{Reads, Sample, Source};
use crate::schema::Field;
use crate::{Error, Target, Warning, location};

/// How many objects are read at once.
const READS: usize = 32;

/// The place of a shape in [`Survey::shapes`].
pub(crate) type ShapeId = u32;

/// What is known of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Seen {
    /// It was left out of the sample.
    #[default]
    Not,
    /// It is of no format that is known, and was warned of.
    Unreadable,
    As(ShapeId, Records),
}

/// What the files of a tree hold.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub shapes: Vec<Shape>,
    /// For each file, as [`crate::listing::Folder::first_file`] numbers them.
    pub files: Vec<Seen>,
    pub counts: Counts,
    pub warnings: Vec<Warning>,
}

/// How many counts are kept of all files, each of 16 bytes. Beyond it none is looked at.
const COUNTS: usize = 1_000_000;

/// The values of columns that are text in a file, and have values of other kinds too.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// By the numbers of files; nothing of a file that has too many to be kept.
    of_files: HashMap<usize, Option<Box<[Counted]>>>,
    all: usize,
}

impl Counts {
    fn keep(&mut self, number: usize, counts: Option<Vec<Counted>>) {
        let length = counts.as_ref().map_or(1, Vec::len);
        self.all += length;
        if length > 0 && self.all <= COUNTS {
            let counts = counts.map(Vec::into_boxed_slice);
            self.of_files.insert(number, counts);
        }
    }

    /// Those of a file. Fails where they, or those of all files, are too many.
    pub fn of(&self, number: usize) -> Result<&[Counted], TooMany> {
        if self.all > COUNTS {
            return Err(TooMany);
        }
        match self.of_files.get(&number) {
            None => Ok(&[]),
            Some(Some(counts)) => Ok(counts),
            Some(None) => Err(TooMany),
        }
    }
}

/// There are more counts than are kept.
#[derive(Debug)]
pub(crate) struct TooMany;

/// A file to be looked at.
struct Sampled {
    number: usize,
    folder: FolderId,
    key: String,
    size: u64,
    identity: Identity,
}

impl Survey {
    /// Reads the files of a tree, but for those that are remembered and have not changed.
    /// `reads` are counted, and `on_read` called, as it goes.
    pub async fn of(
        tree: &Tree,
        target: &Target,
        custom: &Arc<[CustomClassifier]>,
        memory: Option<&dyn Memory>,
        reads: &Arc<Reads>,
        on_read: impl Fn(),
    ) -> Result<Self, Error> {
        let mut reading = Reading {
            target,
            custom,
            memory,
            reads,
            survey: Self {
                files: vec![Seen::Not; tree.files],
                ..Self::default()
            },
            shapes: HashMap::new(),
            fingerprints: Vec::new(),
            warnings: Vec::new(),
        };
        let classifiers = memory::mark_of_classifiers(custom);
        let sampled = || sampled(tree, target, classifiers);
        match memory {
            None => reading.read(sampled(), &on_read).await?,
            Some(memory) => {
                let known = Known::of(sampled(), tree, target, memory);
                let first = sampled().filter(|file| known.is_to_be_read(file.number));
                reading.read(first, &on_read).await?;
                let missed = reading.adopt(known);
                let again = sampled().filter(|file| missed.contains(&file.number));
                reading.read(again, &on_read).await?;
            }
        }
        let Reading {
            mut survey,
            mut warnings,
            ..
        } = reading;
        // Reads end in any order.
        warnings.sort_by_key(|(number, _)| *number);
        survey.warnings = warnings.into_iter().map(|(_, warning)| warning).collect();
        survey.find_headers();
        Ok(survey)
    }

    fn intern(&mut self, shape: Shape, shapes: &mut HashMap<Arc<Shape>, ShapeId>) -> ShapeId {
        if let Some(&id) = shapes.get(&shape) {
            return id;
        }
        let id = self.shapes.len() as ShapeId;
        shapes.insert(Arc::new(shape.clone()), id);
        self.shapes.push(shape);
        id
    }

    /// A CSV file all of whose columns are text has a header, if its first row is the header of
    /// another file.
    fn find_headers(&mut self) {
        let headers: HashSet<Vec<String>> = self
            .shapes
            .iter()
            .filter(|shape| !shape.layout.unnamed)
            .map(|shape| names(&shape.columns))
            .collect();
        let mut adopted = HashSet::new();
        for (id, shape) in self.shapes.iter_mut().enumerate() {
            if let Some(header) = &shape.unproven_header
                && headers.contains(&names(&header.columns))
            {
                *shape = classify::csv::adopt_header(shape, header.clone());
                adopted.insert(id as ShapeId);
            }
        }
        for file in &mut self.files {
            if let Seen::As(id, records) = file
                && adopted.contains(id)
            {
                records.count = records.count.saturating_sub(1);
                records.seen = records.seen.saturating_sub(1);
            }
        }
    }
}

/// The files that are looked at: all, or the first of each folder.
fn sampled<'a>(
    tree: &'a Tree,
    target: &'a Target,
    classifiers: u64,
) -> impl Iterator<Item = Sampled> + 'a {
    let sample_size = target
        .sample_size
        .map_or(usize::MAX, |files| files.max(1) as usize);
    tree.folders
        .iter()
        .enumerate()
        .flat_map(move |(id, folder)| {
            let first = folder.files.iter().enumerate().take(sample_size);
            first.map(move |(place, file)| {
                let key = tree.file_key(id, file);
                Sampled {
                    number: folder.first_file + place,
                    folder: id,
                    size: file.size,
                    identity: memory::identity(classifiers, &target.bucket, &key, file.mark),
                    key,
                }
            })
        })
}

/// The files that are remembered.
struct Known {
    files: HashMap<usize, (String, Remembered)>,
    /// For each shape the first file that has it: it shows the shape.
    shown_by: HashMap<u64, usize>,
    /// The files that are neither remembered nor to be read.
    left_out: HashSet<usize>,
}

impl Known {
    fn of(
        sampled: impl Iterator<Item = Sampled>,
        tree: &Tree,
        target: &Target,
        memory: &dyn Memory,
    ) -> Self {
        let mut known = Self {
            files: HashMap::new(),
            shown_by: HashMap::new(),
            left_out: HashSet::new(),
        };
        let (mut folder, mut reads_new) = (None, true);
        for file in sampled {
            if folder != Some(file.folder) {
                folder = Some(file.folder);
                reads_new = memory.reads_new_in(&target.bucket, &tree.folder_key(file.folder));
            }
            if let Some(found) = memory.recall(file.identity) {
                known.shown_by.entry(found.shape).or_insert(file.number);
                known.files.insert(file.number, (file.key, found));
            } else if !reads_new {
                known.left_out.insert(file.number);
            }
        }
        known
    }

    fn is_to_be_read(&self, number: usize) -> bool {
        let shows =
            |(_, found): &(String, Remembered)| self.shown_by.get(&found.shape) == Some(&number);
        !self.left_out.contains(&number) && self.files.get(&number).is_none_or(shows)
    }
}

/// A survey that is being made.
struct Reading<'a> {
    target: &'a Target,
    custom: &'a Arc<[CustomClassifier]>,
    memory: Option<&'a dyn Memory>,
    reads: &'a Arc<Reads>,
    survey: Survey,
    shapes: HashMap<Arc<Shape>, ShapeId>,
    /// Of the shapes that were found.
    fingerprints: Vec<u64>,
    /// With the numbers of their files.
    warnings: Vec<(usize, Warning)>,
}

impl Reading<'_> {
    async fn read(
        &mut self,
        mut files: impl Iterator<Item = Sampled>,
        on_read: impl Fn(),
    ) -> Result<(), Error> {
        // Dropped, it ends the reads that are under way.
        let mut tasks = JoinSet::new();
        let mut under_way = HashMap::new();
        loop {
            while tasks.len() < READS
                && let Some(file) = files.next()
            {
                let store = Arc::clone(&self.target.store);
                let (custom, reads) = (Arc::clone(self.custom), Arc::clone(self.reads));
                let read = read(store, file.key.clone(), file.size, custom, reads);
                under_way.insert(tasks.spawn(read).id(), file);
            }
            let (id, outcome) = match tasks.join_next_with_id().await {
                None => return Ok(()),
                Some(Ok(ended)) => ended,
                // What a decoder does not survive is a damaged file, and no reason to stop.
                Some(Err(error)) if error.is_panic() => {
                    (error.id(), Err(Unreadable::undecodable()))
                }
                Some(Err(error)) => return Err(Error::Task(error)),
            };
            let Some(file) = under_way.remove(&id) else {
                continue;
            };
            on_read();
            self.take(&file, outcome)?;
        }
    }

    fn take(
        &mut self,
        file: &Sampled,
        outcome: Result<Classified, Unreadable>,
    ) -> Result<(), Error> {
        self.survey.files[file.number] = match outcome {
            Ok(classified) => {
                let shape = self.survey.intern(classified.shape, &mut self.shapes);
                if let Some(memory) = self.memory {
                    let fingerprint = self.fingerprint(shape);
                    let (remarks, counts) = (&classified.remarks, &classified.counts);
                    let found = Remembered {
                        remarks: remarks.clone(),
                        counts: counts.clone(),
                        ..Remembered::new(fingerprint, classified.records)
                    };
                    memory.remember(file.identity, &found);
                }
                for remark in classified.remarks {
                    self.warn(file.number, &file.key, remark);
                }
                self.survey.counts.keep(file.number, classified.counts);
                Seen::As(shape, classified.records)
            }
            Err(Unreadable::Format(message)) => {
                self.warn(file.number, &file.key, message);
                Seen::Unreadable
            }
            Err(Unreadable::Store(object_store::Error::NotFound { .. })) => {
                let message = "the object was deleted while it was crawled".to_owned();
                self.warn(file.number, &file.key, message);
                Seen::Unreadable
            }
            Err(Unreadable::Store(source)) => {
                let location = location(&self.target.bucket, &file.key, false);
                return Err(Error::Store { location, source });
            }
        };
        Ok(())
    }

    /// Shapes are found one by one, and each has its fingerprint taken once.
    fn fingerprint(&mut self, shape: ShapeId) -> u64 {
        for shape in &self.survey.shapes[self.fingerprints.len()..] {
            self.fingerprints.push(memory::fingerprint(shape));
        }
        self.fingerprints[shape as usize]
    }

    fn warn(&mut self, number: usize, key: &str, message: String) {
        let location = location(&self.target.bucket, key, false);
        self.warnings.push((number, Warning { location, message }));
    }

    /// Takes what is remembered of files whose shape was seen, and gives the others.
    fn adopt(&mut self, known: Known) -> HashSet<usize> {
        let mut missed = HashSet::new();
        let shapes: HashMap<u64, ShapeId> = (0..)
            .zip(&self.fingerprints)
            .map(|(id, f)| (*f, id))
            .collect();
        for (number, (key, found)) in known.files {
            if self.survey.files[number] != Seen::Not {
                continue;
            }
            let Some(&shape) = shapes.get(&found.shape) else {
                missed.insert(number);
                continue;
            };
            self.survey.files[number] = Seen::As(shape, found.as_records());
            for remark in found.remarks {
                self.warn(number, &key, remark);
            }
            self.survey.counts.keep(number, found.counts);
        }
        missed
    }
}

fn names(columns: &[Field]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}

async fn read(
    store: Arc<dyn ObjectStore>,
    key: String,
    size: u64,
    custom: Arc<[CustomClassifier]>,
    reads: Arc<Reads>,
) -> Result<Classified, Unreadable> {
    let path = Path::parse(&key).map_err(object_store::Error::from)?;
    let mut sample = Sample::open(Source {
        store,
        path,
        size,
        reads,
    })
    .await?;
    classify::classify(&mut sample, &custom).await
}
