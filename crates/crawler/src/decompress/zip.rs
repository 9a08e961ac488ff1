//! ZIP archives that hold one file, which is all that Glue reads of them.
//!
//! Source: PKWARE's APPNOTE, 4.3.7 "Local file header", 4.3.12 "Central directory structure"
//! and 4.3.16 "End of central directory record".

use std::io::Read;

use flate2::read::DeflateDecoder;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";

/// How long a local header is before its name.
const HEADER: usize = 30;

/// How long an entry of the directory is before its name.
const ENTRY: usize = 46;

const ENCRYPTED: u16 = 1;
const SIZES_BEHIND: u16 = 8;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// What is read of an archive's end to find how many files it holds, in bytes.
pub(crate) const TAIL: u64 = 1024;

/// The text of the first file of an archive whose beginning is `raw`; folders before it are
/// passed over.
pub(super) fn entry(raw: &[u8]) -> Result<Box<dyn Read + '_>, String> {
    let damaged = || "a damaged ZIP archive".to_owned();
    let mut rest = raw;
    loop {
        let header = rest.get(..HEADER).ok_or_else(damaged)?;
        if !header.starts_with(LOCAL) {
            return Err(damaged());
        }
        let flags = u16_at(header, 6);
        let size = u32_at(header, 18);
        let name = HEADER + usize::from(u16_at(header, 26));
        let data = name + usize::from(u16_at(header, 28));
        let is_folder = rest.get(HEADER..name).ok_or_else(damaged)?.ends_with(b"/");
        let body = rest.get(data..).ok_or_else(damaged)?;
        if flags & ENCRYPTED != 0 {
            return Err("an encrypted ZIP archive".to_owned());
        }
        if is_folder && size == 0 {
            rest = body;
            continue;
        }
        let known = (flags & SIZES_BEHIND == 0 && size != u32::MAX).then_some(u64::from(size));
        return match (u16_at(header, 8), known) {
            (STORED, Some(size)) => Ok(Box::new(body.take(size))),
            (DEFLATED, None) => Ok(Box::new(DeflateDecoder::new(body))),
            (DEFLATED, Some(size)) => Ok(Box::new(DeflateDecoder::new(body.take(size)))),
            (STORED, None) => Err("a ZIP archive that does not say how long it is".to_owned()),
            (method, _) => Err(format!("a ZIP archive compressed by method {method}")),
        };
    }
}

/// How many files an archive holds, by its last bytes; nothing if they do not say. Folders
/// count where the archive's directory is longer than what was read.
pub(crate) fn entries(tail: &[u8]) -> Option<usize> {
    let place = tail.windows(END.len()).rposition(|bytes| bytes == END)?;
    let end = tail.get(place..place + 16)?;
    let total = usize::from(u16_at(end, 10));
    let start = place.checked_sub(u32_at(end, 12) as usize);
    let directory = start.and_then(|start| tail.get(start..place));
    Some(directory.and_then(files).unwrap_or(total))
}

/// How many entries of a directory are files.
fn files(mut directory: &[u8]) -> Option<usize> {
    let mut files = 0;
    while !directory.is_empty() {
        let header = directory.get(..ENTRY)?;
        if !header.starts_with(CENTRAL) {
            return None;
        }
        let name = ENTRY + usize::from(u16_at(header, 28));
        let end = name + usize::from(u16_at(header, 30)) + usize::from(u16_at(header, 32));
        if !directory.get(ENTRY..name)?.ends_with(b"/") {
            files += 1;
        }
        directory = directory.get(end..)?;
    }
    Some(files)
}

fn u16_at(bytes: &[u8], place: usize) -> u16 {
    u16::from_le_bytes([bytes[place], bytes[place + 1]])
}

fn u32_at(bytes: &[u8], place: usize) -> u32 {
    u32::from(u16_at(bytes, place)) | u32::from(u16_at(bytes, place + 2)) << 16
}
