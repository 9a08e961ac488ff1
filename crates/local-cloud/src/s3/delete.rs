//! DeleteObject and DeleteObjects.

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    Error,
};

use super::{Call, access, bodies, buckets, errors, object_lock, versions};
use crate::error::ServiceError;

fn action(version: Option<&String>) -> &'static str {
    if version.is_some() {
        "s3:DeleteObjectVersion"
    } else {
        "s3:DeleteObject"
    }
}

pub(super) async fn delete_object(
    call: &Call,
    input: DeleteObjectInput,
) -> Result<DeleteObjectOutput, ServiceError> {
    access::enter(
        call,
        &input.bucket,
        action(input.version_id.as_ref()),
        Some(&input.key),
    )?;
    let bypass = object_lock::bypasses(
        call,
        &input.bucket,
        &input.key,
        input.bypass_governance_retention,
    )?;
    let (deleted, garbage) = call.cloud.store().write(|tx| {
        let bucket = buckets::find_in(tx, &input.bucket)?;
        if let Some(condition) = &input.if_match {
            let there = versions::find(tx, &bucket.name, &input.key, None)?
                .filter(|v| !v.marker)
                .ok_or_else(|| errors::no_such_key(&input.key))?;
            if !versions::matches(condition, &there.etag) {
                return Err(errors::precondition_failed("If-Match"));
            }
        }
        versions::delete(tx, &bucket, &input.key, input.version_id.as_deref(), bypass)
    })?;
    bodies::remove(call.cloud.store(), &garbage);
    Ok(DeleteObjectOutput {
        delete_marker: deleted.marker.then_some(true),
        version_id: deleted
            .id
            .filter(|_| deleted.marker || input.version_id.is_some()),
        request_charged: None,
    })
}

fn refused(key: String, version_id: Option<String>, error: ServiceError) -> Error {
    Error {
        code: Some(error.code),
        message: Some(error.message),
        key: Some(key),
        version_id,
    }
}

pub(super) async fn delete_objects(
    call: &Call,
    input: DeleteObjectsInput,
) -> Result<DeleteObjectsOutput, ServiceError> {
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > 1000 {
        return Err(errors::malformed_xml());
    }
    let bucket = buckets::find(call, &input.bucket)?;
    let mut failed = Vec::new();
    let mut allowed = Vec::new();
    for object in objects {
        let action = action(object.version_id.as_ref());
        let may = access::check(call, &bucket, action, Some(&object.key), &[]).and_then(|()| {
            object_lock::bypasses(
                call,
                &input.bucket,
                &object.key,
                input.bypass_governance_retention,
            )
        });
        match may {
            Ok(bypass) => allowed.push((object, bypass)),
            Err(error) => failed.push(refused(object.key, object.version_id, error)),
        }
    }
    let (deleted, kept, garbage) = call.cloud.store().write(|tx| {
        let bucket = buckets::find_in(tx, &input.bucket)?;
        let (mut all, mut kept, mut garbage) = (Vec::new(), Vec::new(), Vec::new());
        for (object, bypass) in allowed {
            let id = object.version_id.as_deref();
            let (deleted, bodies) = match versions::delete(tx, &bucket, &object.key, id, bypass) {
                Ok(done) => done,
                // A lock keeps its version, and no other.
                Err(error) if error.status == 403 => {
                    kept.push(refused(object.key, object.version_id, error));
                    continue;
                }
                Err(error) => return Err(error),
            };
            garbage.extend(bodies);
            all.push(DeletedObject {
                delete_marker: deleted.marker.then_some(true),
                delete_marker_version_id: deleted.id.filter(|_| deleted.marker),
                key: Some(object.key),
                version_id: object.version_id,
            });
        }
        Ok((all, kept, garbage))
    })?;
    failed.extend(kept);
    bodies::remove(call.cloud.store(), &garbage);
    let quiet = input.delete.quiet == Some(true);
    Ok(DeleteObjectsOutput {
        deleted: (!quiet).then_some(deleted),
        errors: Some(failed),
        request_charged: None,
    })
}
