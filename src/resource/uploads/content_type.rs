//! What an object is said to be, by the ending of its key.

/// Endings and their types; a data lake's come first.
const TYPES: &[(&str, &str)] = &[
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("json", "application/json"),
    ("jsonl", "application/x-ndjson"),
    ("ndjson", "application/x-ndjson"),
    ("parquet", "application/vnd.apache.parquet"),
    ("avro", "application/vnd.apache.avro"),
    ("orc", "application/vnd.apache.orc"),
    ("ion", "application/ion"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("sql", "application/sql"),
    ("gz", "application/gzip"),
    ("bz2", "application/x-bzip2"),
    ("zst", "application/zstd"),
    ("xz", "application/x-xz"),
    ("zip", "application/zip"),
    ("tar", "application/x-tar"),
    ("jar", "application/java-archive"),
    ("txt", "text/plain"),
    ("log", "text/plain"),
    ("md", "text/markdown"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("mjs", "text/javascript"),
    ("wasm", "application/wasm"),
    ("py", "text/x-python"),
    ("whl", "application/zip"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("ico", "image/vnd.microsoft.icon"),
    ("pdf", "application/pdf"),
    ("mp4", "video/mp4"),
    ("woff2", "font/woff2"),
];

/// The type of an object of this key.
pub(super) fn of_key(key: &str) -> &'static str {
    let name = key.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    TYPES
        .iter()
        .find(|(known, _)| ending.eq_ignore_ascii_case(known))
        .map_or("application/octet-stream", |(_, content_type)| content_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_a_file_is() {
        assert_eq!(of_key("films/a.CSV"), "text/csv");
        assert_eq!(of_key("films/a.csv.gz"), "application/gzip");
        assert_eq!(of_key("v1.csv/README"), "application/octet-stream");
    }
}
