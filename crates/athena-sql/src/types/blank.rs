//! Blanks, as Java counts them.

/// Whether a character is one that Trino's `trim` takes away (Java's `Character.isWhitespace`): the
/// controls that separate, and the spaces of Unicode at which a line may break.
pub fn is_blank(c: char) -> bool {
    match c {
        '\u{1c}'..='\u{1f}' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        c => c.is_whitespace(),
    }
}
