//! Lines that are made to fit a terminal.

use unicode_width::UnicodeWidthChar as _;

/// What ends every colour.
const PLAIN: &str = "\x1b[0m";

/// The line as it is if it fits into so many columns; else its beginning, with `…` behind it.
/// Colours take no room.
pub(super) fn fit(line: &str, columns: usize) -> String {
    let (mut used, mut end) = (0, 0);
    let mut rest = line;
    let mut is_colored = false;
    while let Some(c) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix("\x1b[") {
            let Some(length) = behind.find('m') else {
                break;
            };
            is_colored = true;
            rest = &behind[length + 1..];
            continue;
        }
        used += match c {
            // It makes an emoji of the sign before it, which is wider in most terminals.
            '\u{fe0f}' => 1,
            c => c.width().unwrap_or_default(),
        };
        if used > columns {
            let plain = if is_colored { PLAIN } else { "" };
            return format!("{}…{plain}", &line[..end]);
        }
        rest = &rest[c.len_utf8()..];
        if used < columns {
            end = line.len() - rest.len();
        }
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn what_is_cut_says_so_and_colours_take_no_room() {
        assert_eq!(fit("2 running", 9), "2 running");
        assert_eq!(fit("2 running", 8), "2 runni…");
        assert_eq!(fit("\x1b[1m2 running\x1b[0m", 9), "\x1b[1m2 running\x1b[0m");
        assert_eq!(fit("\x1b[1m2 running\x1b[0m", 4), "\x1b[1m2 r…\x1b[0m");
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("❤\u{fe0f}", 2), "❤\u{fe0f}");
        assert_eq!(fit("❤\u{fe0f}a", 2), "❤…");
        assert_eq!(fit("abc", 0), "…");
        assert_eq!(fit("", 0), "");
        assert_eq!(fit("\x1b[", 5), "\x1b[");
    }
}
