//! The files that a query leaves at its output location.

use athena_sql::Column;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, MultipartUpload, ObjectStore, PutMultipartOptions, PutOptions,
    PutPayload,
};

use crate::s3::BucketStore;

/// What is gathered before it is sent; S3 takes parts from 5 MiB on.
const PART: usize = 8 << 20;

/// One file on its way into S3: in one piece while it is small, in parts beyond that.
pub(super) struct ResultFile<'a> {
    store: &'a BucketStore,
    key: Path,
    content_type: &'static str,
    pending: Vec<u8>,
    upload: Option<Box<dyn MultipartUpload>>,
}

impl<'a> ResultFile<'a> {
    pub fn new(store: &'a BucketStore, key: Path, content_type: &'static str) -> Self {
        Self {
            store,
            key,
            content_type,
            pending: Vec::new(),
            upload: None,
        }
    }

    /// Where to write to; [`ResultFile::flush`] sends what has come together.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// Sends full parts.
    pub async fn flush(&mut self) -> Result<(), object_store::Error> {
        if self.pending.len() < PART {
            return Ok(());
        }
        self.send().await
    }

    async fn send(&mut self) -> Result<(), object_store::Error> {
        let part = Bytes::from(std::mem::take(&mut self.pending));
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => {
                let options = PutMultipartOptions {
                    attributes: attributes(self.content_type),
                    ..PutMultipartOptions::default()
                };
                none.insert(self.store.put_multipart_opts(&self.key, options).await?)
            }
        };
        upload.put_part(PutPayload::from(part)).await
    }

    /// Sends the rest and makes the object.
    pub async fn finish(mut self) -> Result<(), object_store::Error> {
        if self.upload.is_some() {
            if !self.pending.is_empty() {
                self.send().await?;
            }
            if let Some(upload) = &mut self.upload {
                upload.complete().await?;
            }
            return Ok(());
        }
        let options = PutOptions {
            attributes: attributes(self.content_type),
            ..PutOptions::default()
        };
        let body = Bytes::from(self.pending);
        self.store
            .put_opts(&self.key, PutPayload::from(body), options)
            .await?;
        Ok(())
    }

    /// Gives up an object that will not be whole.
    pub async fn abort(mut self) -> Result<(), object_store::Error> {
        match &mut self.upload {
            Some(upload) => upload.abort().await,
            None => Ok(()),
        }
    }
}

fn attributes(content_type: &'static str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.insert(Attribute::ContentType, content_type.into());
    attributes
}

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `ID.csv`: a header; every value in quotes; NULL an empty field without them.
    Csv,
    /// `ID.txt`: a row a line, its values between tabs.
    Text,
    /// `ID`: a table's own files are the result; of the rest there is the manifest.
    Manifest,
}

impl Format {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => ".csv",
            Self::Text => ".txt",
            Self::Manifest => "",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Text | Self::Manifest => "text/plain",
        }
    }

    /// The format of a result by the name of its file.
    pub fn of(location: &str) -> Self {
        let file = location.rsplit('/').next().unwrap_or_default();
        match file.rsplit_once('.') {
            Some((_, "csv")) => Self::Csv,
            Some((_, "txt")) => Self::Text,
            _ => Self::Manifest,
        }
    }

    pub fn write_header(self, out: &mut Vec<u8>, columns: &[Column]) {
        if self == Self::Csv {
            write_csv(out, columns.iter().map(|c| Some(c.name.as_str())));
        }
    }

    pub fn write_row(self, out: &mut Vec<u8>, row: &[Option<String>]) {
        let values = row.iter().map(Option::as_deref);
        match self {
            Self::Csv => write_csv(out, values),
            Self::Text => {
                for (i, value) in values.enumerate() {
                    if i > 0 {
                        out.push(b'\t');
                    }
                    out.extend_from_slice(value.unwrap_or_default().as_bytes());
                }
                out.push(b'\n');
            }
            Self::Manifest => {}
        }
    }
}

fn write_csv<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = Option<&'a str>>) {
    for (i, value) in values.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        let Some(value) = value else { continue };
        out.push(b'"');
        let mut pieces = value.split('"');
        out.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
        for piece in pieces {
            out.extend_from_slice(b"\"\"");
            out.extend_from_slice(piece.as_bytes());
        }
        out.push(b'"');
    }
    out.push(b'\n');
}

/// Takes the first record off a CSV that [`Format::Csv`] wrote: its values and its length in
/// bytes, or `None` when its end is not among `bytes`.
pub(super) fn read_csv(bytes: &[u8]) -> Option<(Vec<Option<String>>, usize)> {
    let mut values = Vec::new();
    let mut at = 0;
    loop {
        let mut value = None;
        if *bytes.get(at)? == b'"' {
            let mut text = Vec::new();
            at += 1;
            loop {
                let quote = at + bytes[at..].iter().position(|b| *b == b'"')?;
                text.extend_from_slice(&bytes[at..quote]);
                at = quote + 1;
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                text.push(b'"');
                at += 1;
            }
            value = Some(String::from_utf8_lossy(&text).into_owned());
        }
        values.push(value);
        match *bytes.get(at)? {
            b',' => at += 1,
            _ => return Some((values, at + 1)),
        }
    }
}

/// Takes the first line off a text: its one value and its length in bytes.
pub(super) fn read_line(bytes: &[u8]) -> Option<(Vec<Option<String>>, usize)> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let line = String::from_utf8_lossy(&bytes[..end]).into_owned();
    Some((vec![Some(line)], end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_as_csv_is_read_again() {
        let row = vec![
            Some("a \"b\",\nc".to_owned()),
            None,
            Some(String::new()),
            Some("é".to_owned()),
        ];
        let mut out = Vec::new();
        Format::Csv.write_row(&mut out, &row);
        assert_eq!(
            String::from_utf8(out.clone()).unwrap(),
            "\"a \"\"b\"\",\nc\",,\"\",\"é\"\n"
        );
        assert_eq!(read_csv(&out), Some((row, out.len())));
        for cut in 0..out.len() {
            assert_eq!(read_csv(&out[..cut]), None, "cut at {cut}");
        }
    }
}
