//! A crawl that remembers the one before.

use std::collections::HashMap;
use std::sync::Mutex;

use crawler::{Crawled, Identity, Memory, Remembered, recrawl};

use crate::lake::{Lake, lake};

#[derive(Default)]
pub struct Notes(Mutex<HashMap<Identity, Remembered>>);

impl Memory for Notes {
    fn recall(&self, object: Identity) -> Option<Remembered> {
        self.0.lock().unwrap().get(&object).cloned()
    }

    fn remember(&self, object: Identity, found: &Remembered) {
        self.0.lock().unwrap().insert(object, found.clone());
    }
}

const ROWS: &str = "id,title\n1,Blue\n2,Red\n";

/// Two tables of a hundred objects each, and a file that nobody can read.
async fn large() -> Lake {
    let mut lake = lake().with("notes/a.bin", "\u{1}\u{2}\u{3}").await;
    for n in 0..100 {
        lake = lake.with(&format!("songs/day={n:03}/a.csv"), ROWS).await;
        let film = format!("{{\"name\": \"{n}\", \"year\": {n}}}\n");
        lake = lake.with(&format!("films/{n:03}.json"), film).await;
    }
    lake
}

async fn again(lake: &Lake, notes: &Notes) -> Crawled {
    recrawl(
        &[lake.target()],
        &crawler::Options::default(),
        Some(notes),
        &|_| (),
    )
    .await
    .unwrap()
}

/// What was found, whatever was read for it.
fn found(crawled: Crawled) -> Crawled {
    Crawled {
        bytes_read: 0,
        reads: 0,
        ..crawled
    }
}

#[tokio::test]
async fn only_one_object_of_each_shape_is_read_again_and_the_same_is_found() {
    let (lake, notes) = (large().await, Notes::default());
    let first = again(&lake, &notes).await;
    let second = again(&lake, &notes).await;
    assert!(
        second.bytes_read < first.bytes_read / 20,
        "{} bytes",
        second.bytes_read
    );
    assert_eq!(found(second), found(lake.crawl().await));
    assert_eq!(found(first), found(lake.crawl().await));
}

#[tokio::test]
async fn what_is_new_or_has_changed_is_read() {
    let (lake, notes) = (large().await, Notes::default());
    again(&lake, &notes).await;
    let lake = lake
        .with(
            "songs/day=007/a.csv",
            "id,title,singer\n1,Blue,Joni\n2,Red,Ann\n",
        )
        .await
        .with("films/new.json", "{\"name\": \"x\", \"year\": 1.5}\n")
        .await;
    let second = again(&lake, &notes).await;
    assert_eq!(found(second), found(lake.crawl().await));
}

#[tokio::test]
async fn what_no_longer_shows_its_shape_is_read_again() {
    let (lake, notes) = (large().await, Notes::default());
    again(&lake, &notes).await;
    for remembered in notes.0.lock().unwrap().values_mut() {
        remembered.shape ^= 1;
        remembered.records = 1_000_000;
    }
    let second = again(&lake, &notes).await;
    // Those that show the shapes show others than are remembered, so everything is read.
    assert_eq!(found(second), found(lake.crawl().await));
}
