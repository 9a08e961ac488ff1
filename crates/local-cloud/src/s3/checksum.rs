//! Checksums of bodies: which one a request wants, and whether it is right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use serde::{Deserialize, Serialize};

use super::{Call, errors};
use crate::error::ServiceError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

/// A checksum of a body, in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    pub algorithm: Algorithm,
    pub value: String,
    /// Whether it is the checksum of the parts' checksums, and not of the bytes.
    pub composite: bool,
}

impl Algorithm {
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "CRC32" => Self::Crc32,
            "CRC32C" => Self::Crc32c,
            "CRC64NVME" => Self::Crc64nvme,
            "SHA1" => Self::Sha1,
            "SHA256" => Self::Sha256,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub fn hasher(self) -> ChecksumHasher {
        let mut hasher = ChecksumHasher::default();
        match self {
            Self::Crc32 => hasher.crc32 = Some(Crc32::new()),
            Self::Crc32c => hasher.crc32c = Some(Crc32c::new()),
            Self::Crc64nvme => hasher.crc64nvme = Some(Crc64Nvme::new()),
            Self::Sha1 => hasher.sha1 = Some(Sha1::new()),
            Self::Sha256 => hasher.sha256 = Some(Sha256::new()),
        }
        hasher
    }

    /// Finishes a hasher that this algorithm made.
    pub fn finish(self, hasher: ChecksumHasher) -> Sum {
        let sums = hasher.finalize();
        let value = match self {
            Self::Crc32 => sums.checksum_crc32,
            Self::Crc32c => sums.checksum_crc32c,
            Self::Crc64nvme => sums.checksum_crc64nvme,
            Self::Sha1 => sums.checksum_sha1,
            Self::Sha256 => sums.checksum_sha256,
        };
        Sum {
            algorithm: self,
            value: value.unwrap_or_default(),
            composite: false,
        }
    }
}

/// The checksum of the parts' checksums, with their number, as multipart uploads have it.
pub(super) fn composite(algorithm: Algorithm, parts: &[Sum]) -> Result<Sum, ServiceError> {
    let mut hasher = algorithm.hasher();
    for part in parts {
        let bytes = STANDARD
            .decode(&part.value)
            .map_err(|error| ServiceError::internal(format!("a part's checksum: {error}")))?;
        hasher.update(&bytes);
    }
    let sum = algorithm.finish(hasher);
    Ok(Sum {
        value: format!("{}-{}", sum.value, parts.len()),
        composite: true,
        ..sum
    })
}

/// What a request says of its body's checksum.
pub(super) struct Wanted {
    pub algorithm: Algorithm,
    given: Option<String>,
    in_trailer: bool,
}

impl Wanted {
    /// From the members of the request, its `x-amz-sdk-checksum-algorithm` and its trailer. S3
    /// takes CRC64NVME where the request says nothing.
    pub fn of(
        call: &Call,
        given: Option<(Algorithm, String)>,
        named: Option<&str>,
    ) -> Result<Self, ServiceError> {
        if let Some((algorithm, value)) = given {
            return Ok(Self {
                algorithm,
                given: Some(value),
                in_trailer: false,
            });
        }
        let trailer = call
            .trailer
            .as_deref()
            .and_then(|name| name.strip_prefix("x-amz-checksum-"))
            .and_then(Algorithm::parse);
        if let Some(algorithm) = trailer {
            return Ok(Self {
                algorithm,
                given: None,
                in_trailer: true,
            });
        }
        let algorithm = match named {
            Some(name) => Algorithm::parse(name).ok_or_else(|| {
                errors::invalid_request(
                    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
                )
            })?,
            None => Algorithm::Crc64nvme,
        };
        Ok(Self {
            algorithm,
            given: None,
            in_trailer: false,
        })
    }

    /// Checks the sum of the body that was received.
    pub fn verify(&self, call: &Call, actual: &Sum) -> Result<(), ServiceError> {
        let name = format!("x-amz-checksum-{}", self.algorithm.name().to_lowercase());
        let given = if self.in_trailer {
            call.trailers.as_ref().and_then(|trailers| {
                trailers
                    .read(|headers| {
                        let value = headers.get(name.as_str())?;
                        value.to_str().ok().map(str::to_owned)
                    })
                    .flatten()
            })
        } else {
            self.given.clone()
        };
        match given {
            Some(given) if given != actual.value => Err(ServiceError::new(
                "BadDigest",
                format!(
                    "The {} you specified did not match the calculated checksum.",
                    self.algorithm.name()
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// Checks a `Content-MD5` header.
pub(super) fn verify_md5(given: Option<&str>, actual: &[u8; 16]) -> Result<(), ServiceError> {
    let Some(given) = given else { return Ok(()) };
    match STANDARD.decode(given) {
        Ok(bytes) if bytes.len() == 16 => {
            if bytes == actual {
                Ok(())
            } else {
                Err(ServiceError::new(
                    "BadDigest",
                    "The Content-MD5 you specified did not match what we received.",
                ))
            }
        }
        _ => Err(ServiceError::new(
            "InvalidDigest",
            "The Content-MD5 you specified was invalid.",
        )),
    }
}

/// The checksum that an input carries.
macro_rules! given {
    ($input:expr) => {{
        use $crate::s3::checksum::Algorithm;
        let input = &$input;
        [
            (Algorithm::Crc32, &input.checksum_crc32),
            (Algorithm::Crc32c, &input.checksum_crc32c),
            (Algorithm::Crc64nvme, &input.checksum_crc64nvme),
            (Algorithm::Sha1, &input.checksum_sha1),
            (Algorithm::Sha256, &input.checksum_sha256),
        ]
        .into_iter()
        .find_map(|(algorithm, value)| value.clone().map(|value| (algorithm, value)))
    }};
}
pub(super) use given;

/// Puts a checksum into the member of an output that is its algorithm's.
macro_rules! show {
    ($output:expr, $sum:expr) => {{
        use $crate::s3::checksum::Algorithm;
        let sum: Option<&$crate::s3::checksum::Sum> = $sum;
        if let Some(sum) = sum {
            let value = Some(sum.value.clone());
            match sum.algorithm {
                Algorithm::Crc32 => $output.checksum_crc32 = value,
                Algorithm::Crc32c => $output.checksum_crc32c = value,
                Algorithm::Crc64nvme => $output.checksum_crc64nvme = value,
                Algorithm::Sha1 => $output.checksum_sha1 = value,
                Algorithm::Sha256 => $output.checksum_sha256 = value,
            }
        }
    }};
}
pub(super) use show;

impl Sum {
    pub fn kind(&self) -> s3s::dto::ChecksumType {
        s3s::dto::ChecksumType::from_static(if self.composite {
            s3s::dto::ChecksumType::COMPOSITE
        } else {
            s3s::dto::ChecksumType::FULL_OBJECT
        })
    }
}
