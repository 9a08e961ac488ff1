//! The rows of a data file that are deleted, as a Roaring bitmap of their places.
//!
//! Source: Delta Lake's protocol, "Deletion Vector Format" and "Deletion Vectors".

use bytes::Bytes;
use roaring::RoaringTreemap;
use uuid::Uuid;

use super::action::DeletionVector;
use super::bad_log;
use super::objects::Object;
use crate::catalog::Catalog;
use crate::error::Error;

/// What a bitmap begins with.
const MAGIC: [u8; 4] = 1_681_511_377_u32.to_le_bytes();

/// Characters of a UUID in Base85.
const UUID_CHARACTERS: usize = 20;

/// The length before a bitmap in a file, and its checksum behind it, in bytes.
const FRAME: u64 = 8;

/// The places of the deleted rows, counted from 0, in ascending order. `location` is the table's
/// folder.
pub async fn rows(
    vector: &DeletionVector,
    location: &str,
    catalog: &dyn Catalog,
) -> Result<Vec<u64>, Error> {
    let named = &vector.path_or_inline_dv;
    let object = match vector.storage_type.as_str() {
        "i" => return of_bitmap(&base85(named).ok_or_else(|| unnamed(vector))?, named),
        "u" => Object::at(
            catalog,
            url_of_uuid(named, location).ok_or_else(|| unnamed(vector))?,
        )?,
        "p" => Object::named(catalog, location, named)?,
        _ => return Err(unnamed(vector)),
    };
    let length = vector.size_in_bytes.saturating_add(FRAME);
    let bytes = object
        .range(vector.offset.unwrap_or_default(), length)
        .await?;
    let bitmap = unframed(&bytes, vector.size_in_bytes)
        .ok_or_else(|| bad_log(format!("the deletion vector in {} is damaged", object.url)))?;
    of_bitmap(bitmap, &object.url)
}

fn unnamed(vector: &DeletionVector) -> Error {
    bad_log(format!(
        "'{}' of the kind '{}' names no deletion vector",
        vector.path_or_inline_dv, vector.storage_type
    ))
}

/// `PREFIX`, which may be empty, and a UUID in Base85.
fn url_of_uuid(named: &str, location: &str) -> Option<String> {
    let split = named.len().checked_sub(UUID_CHARACTERS)?;
    let (prefix, encoded) = named.split_at_checked(split)?;
    let uuid = Uuid::from_slice(&base85(encoded)?).ok()?;
    let folder = if prefix.is_empty() {
        location.to_owned()
    } else {
        format!("{location}/{prefix}")
    };
    Some(format!("{folder}/deletion_vector_{uuid}.bin"))
}

/// The bitmap, with its length before it and its checksum behind it.
fn unframed(bytes: &Bytes, length: u64) -> Option<&[u8]> {
    let (before, rest) = bytes.split_first_chunk::<4>()?;
    let (bitmap, checksum) = rest.split_last_chunk::<4>()?;
    let is_whole = u64::from(u32::from_be_bytes(*before)) == length
        && u32::from_be_bytes(*checksum) == crc32fast::hash(bitmap);
    is_whole.then_some(bitmap)
}

fn of_bitmap(bytes: &[u8], from: &str) -> Result<Vec<u64>, Error> {
    let bitmap = bytes
        .strip_prefix(&MAGIC)
        .and_then(|bitmap| RoaringTreemap::deserialize_from(bitmap).ok())
        .ok_or_else(|| bad_log(format!("{from} is no deletion vector")))?;
    Ok(bitmap.iter().collect())
}

/// Z85: five characters for four bytes. What an encoder adds to fill the last four is left to the
/// reader of the bytes.
fn base85(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 85] =
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    let (groups, rest) = text.as_bytes().as_chunks::<5>();
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups.len() * 4);
    for group in groups {
        let mut number = 0_u64;
        for character in group {
            let digit = ALPHABET.iter().position(|known| known == character)?;
            number = number * 85 + digit as u64;
        }
        bytes.extend(u32::try_from(number).ok()?.to_be_bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the rows 3, 4, 7, 11, 18 and 29, as the tests of delta-kernel have it.
    const INLINE: &str = "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L";

    #[test]
    fn a_vector_that_another_writer_wrote_is_read() {
        let bytes = base85(INLINE).expect("Base85");
        let rows = of_bitmap(&bytes, "inline").expect("a bitmap");
        assert_eq!(rows, [3, 4, 7, 11, 18, 29]);
    }

    #[test]
    fn a_uuid_names_a_file_below_a_prefix() {
        let url = url_of_uuid("ab^-aqEH.-t@S}K{vb[*k^", "s3://b/t").expect("a UUID");
        assert_eq!(
            url,
            "s3://b/t/ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"
        );
        assert_eq!(url_of_uuid("short", "s3://b/t"), None);
        assert_eq!(url_of_uuid("é^-aqEH.-t@S}K{vb[*k", "s3://b/t"), None);
    }

    #[test]
    fn a_damaged_vector_is_told_of() {
        let mut framed = vec![0, 0, 0, 3];
        framed.extend(b"abc");
        framed.extend(crc32fast::hash(b"abc").to_be_bytes());
        let whole = Bytes::from(framed.clone());
        assert_eq!(unframed(&whole, 3), Some(&b"abc"[..]));
        assert_eq!(unframed(&whole, 4), None);
        framed[5] = b'x';
        assert_eq!(unframed(&framed.into(), 3), None);
        let error = of_bitmap(b"abc", "s3://b/v").expect_err("no bitmap");
        assert_eq!(error.message, "s3://b/v is no deletion vector");
    }
}
