//! Settings of the catalog, which are as in a new account.

use super::errors::check_catalog;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;

pub(super) async fn import_status(
    _cloud: &Cloud,
    caller: &Caller,
    input: GetCatalogImportStatusRequest,
) -> Result<GetCatalogImportStatusResponse, ServiceError> {
    check_catalog(input.catalog_id.as_deref(), &caller.account)?;
    Ok(GetCatalogImportStatusResponse {
        import_status: Some(CatalogImportStatus {
            import_completed: Some(true),
            ..Default::default()
        }),
    })
}

pub(super) async fn encryption(
    _cloud: &Cloud,
    caller: &Caller,
    input: GetDataCatalogEncryptionSettingsRequest,
) -> Result<GetDataCatalogEncryptionSettingsResponse, ServiceError> {
    check_catalog(input.catalog_id.as_deref(), &caller.account)?;
    Ok(GetDataCatalogEncryptionSettingsResponse {
        data_catalog_encryption_settings: Some(DataCatalogEncryptionSettings {
            encryption_at_rest: Some(EncryptionAtRest {
                catalog_encryption_mode: "DISABLED".to_owned(),
                ..Default::default()
            }),
            connection_password_encryption: Some(ConnectionPasswordEncryption {
                return_connection_password_encrypted: false,
                aws_kms_key_id: None,
            }),
        }),
    })
}
