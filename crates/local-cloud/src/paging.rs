//! Listings in pages: a token is the place of the next item, opaque to the caller.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::ServiceError;

/// Makes a token of the key that the next page starts at.
pub(crate) fn token(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// The key inside a token, or `code` for what is no token of ours.
pub(crate) fn key(token: &str, code: &str) -> Result<String, ServiceError> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| ServiceError::new(code, "The pagination token is not valid."))
}

/// Cuts one page out of `items`, which are in the order of their keys.
pub(crate) fn page<T>(
    items: Vec<T>,
    start: Option<&str>,
    size: usize,
    code: &str,
    key_of: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), ServiceError> {
    let from = start.map(|t| key(t, code)).transpose()?;
    let mut rest = items
        .into_iter()
        .filter(|item| from.as_ref().is_none_or(|from| key_of(item) >= *from));
    let page: Vec<T> = rest.by_ref().take(size).collect();
    let next = rest.next().map(|item| token(&key_of(&item)));
    Ok((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_give_every_item_once() {
        let items: Vec<String> = (0..7).map(|i| format!("k{i}")).collect();
        let (mut all, mut next) = (Vec::new(), None::<String>);
        loop {
            let (page, token) = page(items.clone(), next.as_deref(), 3, "E", Clone::clone).unwrap();
            all.extend(page);
            next = token;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(all, items);
    }
}
