//! CompleteMultipartUpload: parts become an object.

use md5::{Digest, Md5};
use s3s::dto::*;

use super::super::bodies::{self, Body, Writer, Written, blocking};
use super::super::checksum::{self, Algorithm, Sum};
use super::super::versions::{self, Conditions, Meta};
use super::super::{Call, access, errors};
use super::{StoredPart, find, parts_of, take};
use crate::error::ServiceError;

/// All parts but the last are at least so large.
const MIN_PART: u64 = 5 << 20;
const MAX_OBJECT: u64 = 5 << 40;

/// The parts that a request wants, checked against those that were uploaded.
fn choose(
    wanted: &[CompletedPart],
    stored: Vec<StoredPart>,
) -> Result<Vec<StoredPart>, ServiceError> {
    let invalid = || {
        ServiceError::new(
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        )
    };
    let mut stored: std::collections::BTreeMap<i32, StoredPart> =
        stored.into_iter().map(|p| (p.number, p)).collect();
    let mut chosen: Vec<StoredPart> = Vec::with_capacity(wanted.len());
    for part in wanted {
        let number = part.part_number.ok_or_else(errors::malformed_xml)?;
        if chosen.last().is_some_and(|last| number <= last.number) {
            return Err(ServiceError::new(
                "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part number.",
            ));
        }
        let found = stored.remove(&number).ok_or_else(invalid)?;
        if part.e_tag.as_ref().is_some_and(|e| e.value() != found.etag) {
            return Err(invalid());
        }
        if let (Some((algorithm, value)), Some(sum)) = (checksum::given!(*part), &found.sum)
            && algorithm == sum.algorithm
            && value != sum.value
        {
            return Err(invalid());
        }
        chosen.push(found);
    }
    let all_but_last = &chosen[..chosen.len().saturating_sub(1)];
    if all_but_last.iter().any(|p| p.size < MIN_PART) {
        return Err(ServiceError::new(
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
        ));
    }
    if chosen.iter().map(|p| p.size).sum::<u64>() > MAX_OBJECT {
        return Err(ServiceError::new(
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
        ));
    }
    Ok(chosen)
}

/// Writes the parts one after the other into one body.
async fn join(
    call: &Call,
    parts: &[StoredPart],
    algorithm: Algorithm,
) -> Result<Written, ServiceError> {
    let mut writer = Writer::new(call.cloud.store(), algorithm);
    for part in parts {
        let store = call.cloud.store();
        let body: Body = store
            .read(|c| bodies::open(c, store, &part.body))?
            .ok_or_else(|| errors::no_such_upload("of this part"))?;
        let mut chunks = Box::pin(body.chunks(0..part.size));
        while let Some(bytes) = futures::StreamExt::next(&mut chunks).await {
            let bytes = bytes?;
            writer = blocking(move || writer.write(&bytes).map(|()| writer)).await?;
        }
    }
    blocking(move || writer.finish()).await
}

pub async fn complete_multipart_upload(
    call: &Call,
    input: CompleteMultipartUploadInput,
) -> Result<CompleteMultipartUploadOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:PutObject", Some(&input.key))?;
    let wanted = input
        .multipart_upload
        .as_ref()
        .and_then(|m| m.parts.as_ref())
        .filter(|parts| !parts.is_empty())
        .ok_or_else(errors::malformed_xml)?;
    let (upload, stored) = call.cloud.store().read(|c| {
        let upload = find(c, &input.bucket, &input.key, &input.upload_id)?;
        Ok((upload, parts_of(c, &input.upload_id)?))
    })?;
    let parts = choose(wanted, stored)?;
    let algorithm = upload.algorithm.unwrap_or(Algorithm::Crc64nvme);
    let written = join(call, &parts, algorithm).await?;
    let sum = if upload.composite {
        let sums: Vec<Sum> = parts.iter().filter_map(|p| p.sum.clone()).collect();
        checksum::composite(algorithm, &sums)?
    } else {
        written.sum.clone()
    };
    if let Some((algorithm, value)) = checksum::given!(input)
        && algorithm == sum.algorithm
        && value != sum.value
    {
        return Err(ServiceError::new(
            "BadDigest",
            format!(
                "The {} you specified did not match the calculated checksum.",
                algorithm.name()
            ),
        ));
    }
    let mut md5 = Md5::new();
    for part in &parts {
        md5.update(hex::decode(&part.etag).map_err(ServiceError::internal)?);
    }
    let etag = format!("{}-{}", hex::encode(md5.finalize()), parts.len());
    let meta = Meta {
        sum: Some(sum),
        parts: parts.iter().map(|p| p.size).collect(),
        ..upload.meta
    };
    let conditions = Conditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
    };
    let put = versions::put(
        call,
        &input.bucket,
        &input.key,
        written,
        &etag,
        &meta,
        &conditions,
        |tx| take(tx, &input.upload_id),
    )?;
    let mut output = CompleteMultipartUploadOutput {
        e_tag: Some(ETag::Strong(etag)),
        location: Some(format!(
            "https://{}.s3.{}.amazonaws.com/{}",
            input.bucket, put.bucket.region, input.key
        )),
        version_id: put.shown_id(),
        bucket: Some(input.bucket),
        key: Some(input.key),
        checksum_type: meta.sum.as_ref().map(Sum::kind),
        server_side_encryption: Some(ServerSideEncryption::from(meta.encryption)),
        ssekms_key_id: meta.kms_key,
        ..Default::default()
    };
    checksum::show!(output, meta.sum.as_ref());
    Ok(output)
}
