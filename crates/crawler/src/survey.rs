//! What each file of a tree holds, read in parallel.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use object_store::ObjectStore;
use object_store::path::Path;
use tokio::task::JoinSet;

use crate::classify::custom::CustomClassifier;
use crate::classify::{self, Classified, Records, Shape, Unreadable};
use crate::listing::Tree;
use crate::sample::{Sample, Source};
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
    pub warnings: Vec<Warning>,
}

impl Survey {
    /// Reads the files of a tree. `bytes_read` is counted up, and `on_read` called, as it goes.
    pub async fn of(
        tree: &Tree,
        target: &Target,
        custom: &Arc<[CustomClassifier]>,
        bytes_read: &Arc<AtomicU64>,
        on_read: impl Fn(),
    ) -> Result<Self, Error> {
        let sample_size = target
            .sample_size
            .map_or(usize::MAX, |files| files.max(1) as usize);
        let mut sampled = tree.folders.iter().enumerate().flat_map(|(id, folder)| {
            folder
                .files
                .iter()
                .enumerate()
                .take(sample_size)
                .map(move |(place, file)| (folder.first_file + place, id, file))
        });
        let mut survey = Self {
            files: vec![Seen::Not; tree.files],
            ..Self::default()
        };
        let mut shapes = HashMap::new();
        let mut warnings = Vec::new();
        // Dropped, it ends the reads that are under way.
        let mut reads = JoinSet::new();
        let mut under_way = HashMap::new();
        loop {
            while reads.len() < READS
                && let Some((number, folder, file)) = sampled.next()
            {
                let key = tree.file_key(folder, file);
                let store = Arc::clone(&target.store);
                let (custom, bytes_read) = (Arc::clone(custom), Arc::clone(bytes_read));
                let read = read(store, key.clone(), file.size, custom, bytes_read);
                under_way.insert(reads.spawn(read).id(), (number, key));
            }
            let (id, outcome) = match reads.join_next_with_id().await {
                None => break,
                Some(Ok(ended)) => ended,
                // What a decoder does not survive is a damaged file, and no reason to stop.
                Some(Err(error)) if error.is_panic() => {
                    (error.id(), Err(Unreadable::undecodable()))
                }
                Some(Err(error)) => return Err(Error::Task(error)),
            };
            let Some((number, key)) = under_way.remove(&id) else {
                continue;
            };
            on_read();
            let location = location(&target.bucket, &key, false);
            let mut warn = |message: String| {
                let location = location.clone();
                warnings.push((number, Warning { location, message }));
            };
            survey.files[number] = match outcome {
                Ok(classified) => {
                    classified.remarks.into_iter().for_each(&mut warn);
                    Seen::As(
                        survey.intern(classified.shape, &mut shapes),
                        classified.records,
                    )
                }
                Err(Unreadable::Format(message)) => {
                    warn(message);
                    Seen::Unreadable
                }
                Err(Unreadable::Store(object_store::Error::NotFound { .. })) => {
                    warn("the object was deleted while it was crawled".to_owned());
                    Seen::Unreadable
                }
                Err(Unreadable::Store(source)) => return Err(Error::Store { location, source }),
            };
        }
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
            if let Some(columns) = &shape.unproven_header
                && headers.contains(&names(columns))
            {
                *shape = classify::csv::adopt_header(shape, columns.clone());
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

fn names(columns: &[Field]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}

async fn read(
    store: Arc<dyn ObjectStore>,
    key: String,
    size: u64,
    custom: Arc<[CustomClassifier]>,
    bytes_read: Arc<AtomicU64>,
) -> Result<Classified, Unreadable> {
    let path = Path::parse(&key).map_err(object_store::Error::from)?;
    let mut sample = Sample::open(Source {
        store,
        path,
        size,
        bytes_read,
    })
    .await?;
    classify::classify(&mut sample, &custom).await
}

/// Bytes that were read until now.
pub(crate) fn read_so_far(bytes_read: &AtomicU64) -> u64 {
    bytes_read.load(Ordering::Relaxed)
}
