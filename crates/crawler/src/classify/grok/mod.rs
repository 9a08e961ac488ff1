//! Lines that a grok pattern takes apart.
//!
//! Source: AWS's Glue developer guide, "Writing grok custom classifiers".

mod custom;
mod logs;

pub(super) use custom::classify as classify_custom;
pub(crate) use hive_formats::grok::Grok;
pub use hive_formats::grok::GrokError;
pub(super) use logs::Log;

use crate::classify::TEXT_SAMPLE;
use crate::sample::Sample;

/// How many lines of a file are looked at.
const LINES: usize = 1000;

/// How long a line may be that a pattern is tried on; no longer one matches.
const LINE: usize = 64 * 1024;

/// How many lines of a sample match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Matches {
    lines: u64,
    matched: u64,
    /// Where the last line ends.
    end: usize,
}

impl Matches {
    /// The share of lines that match, as Glue counts its certainty.
    fn certainty(self) -> f64 {
        if self.lines == 0 {
            return 0.0;
        }
        self.matched as f64 / self.lines as f64
    }
}

/// Tries the pattern on the lines of a sample, empty ones aside. Gives nothing for what is no text.
async fn matches(grok: &Grok, sample: &mut Sample) -> Result<Option<Matches>, object_store::Error> {
    if !sample.read_text(TEXT_SAMPLE).await? || sample.text().contains(&0) {
        return Ok(None);
    }
    let mut found = Matches::default();
    for line in whole_lines(sample).take(LINES) {
        found.end += line.len();
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() {
            continue;
        }
        found.lines += 1;
        if line.len() <= LINE && grok.is_match(line) {
            found.matched += 1;
        } else if found.matched == 0 && found.lines > 20 {
            // Not one of the first lines: the rest is not asked.
            break;
        }
    }
    Ok(Some(found))
}

/// The lines with their ends; the last only if the sample does not cut it.
fn whole_lines(sample: &Sample) -> impl Iterator<Item = &[u8]> {
    let text = sample.text();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let whole = sample.is_whole();
    text.split_inclusive(|byte| *byte == b'\n')
        .filter(move |line| whole || line.ends_with(b"\n"))
}
