//! Custom classifiers: a path of JSON, a row tag, a pattern of grok or a delimiter, and a file.

#![no_main]

use crawler::{CsvClassifier, CustomClassifier, GrokClassifier, Options};
use crawler_fuzz::{crawl_objects, divided};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((setting, body)) = divided(data) else {
        return;
    };
    let bytes = setting.as_bytes();
    let csv = CsvClassifier {
        delimiter: bytes.first().copied(),
        quote: bytes.get(1).copied(),
        allows_single_column: bytes.len() > 2,
        ..CsvClassifier::default()
    };
    let text = || setting.to_owned();
    let grok = GrokClassifier::new("of_mine", setting, None);
    let all = [
        Some(CustomClassifier::Json { path: text() }),
        Some(CustomClassifier::Xml {
            classification: "of_mine".to_owned(),
            row_tag: text(),
        }),
        grok.ok().map(CustomClassifier::Grok),
        Some(CustomClassifier::Csv(csv)),
    ];
    for classifier in all.into_iter().flatten() {
        let options = Options {
            classifiers: vec![classifier],
            ..Options::default()
        };
        crawl_objects(&[("t/data", body)], &options, &[]);
    }
});
