//! What S3 calls an object's ETag: the MD5 of what was put in one piece, and of what was put in
//! parts the MD5 of their MD5s with their number behind.
//!
//! Files are cut into parts as the aws cli and boto3 cut them, so what they sent is not sent again.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use md5::{Digest, Md5};

/// What is so large goes in parts, and a part is at least so large.
pub(super) const PART: u64 = 8 << 20;
const MAX_PARTS: u64 = 10_000;

/// How large the parts of an object of `size` are; `None` if it goes in one piece.
pub(super) fn part_size(size: u64) -> Option<u64> {
    if size < PART {
        return None;
    }
    let mut part = PART;
    while size.div_ceil(part) > MAX_PARTS {
        part *= 2;
    }
    Some(part)
}

/// Makes an ETag of an object's bytes, part by part.
pub(super) struct Etag {
    parts: Option<(Md5, u64)>,
    whole: Option<[u8; 16]>,
}

impl Etag {
    pub fn new() -> Self {
        Self {
            parts: None,
            whole: None,
        }
    }

    /// Takes the MD5 of the only piece.
    pub fn whole(&mut self, md5: [u8; 16]) {
        self.whole = Some(md5);
    }

    /// Takes the MD5 of the next part.
    pub fn part(&mut self, md5: [u8; 16]) {
        let (sum, count) = self.parts.get_or_insert_with(|| (Md5::new(), 0));
        sum.update(md5);
        *count += 1;
    }

    pub fn finish(self) -> String {
        match (self.whole, self.parts) {
            (Some(md5), _) => hex(&md5),
            (None, Some((sum, count))) => format!("{}-{count}", hex(&sum.finalize().into())),
            (None, None) => hex(&md5_of(b"")),
        }
    }
}

pub(super) fn md5_of(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

fn hex(digest: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*digest))
}

/// The ETag that a file's object has, if the file is `size` long.
pub(super) fn etag_of(path: &Path, size: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut etag = Etag::new();
    match part_size(size) {
        None => etag.whole(md5_of_next(&mut file, u64::MAX)?.0),
        Some(part) => loop {
            let (md5, read) = md5_of_next(&mut file, part)?;
            if read == 0 {
                break;
            }
            etag.part(md5);
        },
    }
    Ok(etag.finish())
}

fn md5_of_next(file: &mut File, most: u64) -> std::io::Result<([u8; 16], u64)> {
    let mut sum = Md5::new();
    let mut piece = file.take(most);
    let mut buffer = vec![0; 256 << 10];
    let mut total = 0;
    loop {
        match piece.read(&mut buffer)? {
            0 => return Ok((sum.finalize().into(), total)),
            read => {
                sum.update(&buffer[..read]);
                total += read as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_what_s3_makes_of_the_same_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        let of = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("a file");
            etag_of(&path, bytes.len() as u64).expect("it reads")
        };
        assert_eq!(of(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(of(b"hello"), "5d41402abc4b2a76b9719d911017c592");
        // As `aws s3 cp` of a file of nine MiB of zeros gives it.
        let zeros = vec![0; 9 << 20];
        let first: [u8; 16] = Md5::digest(&zeros[..8 << 20]).into();
        let rest: [u8; 16] = Md5::digest(&zeros[8 << 20..]).into();
        let both = Md5::digest([first, rest].concat());
        assert_eq!(of(&zeros), format!("{}-2", hex(&both.into())));
    }

    #[test]
    fn no_object_has_more_parts_than_s3_takes() {
        assert_eq!(part_size(PART - 1), None);
        assert_eq!(part_size(PART), Some(PART));
        assert_eq!(part_size(PART * MAX_PARTS), Some(PART));
        assert_eq!(part_size(PART * MAX_PARTS + 1), Some(2 * PART));
    }
}
