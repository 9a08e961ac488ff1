//! Glue's exclude patterns.
//!
//! Source: AWS's Glue developer guide, "Include and exclude patterns".

use crate::Error;

/// One exclude pattern, matched against a key relative to the include path.
#[derive(Clone, Debug)]
pub(crate) struct Exclusion {
    /// What its braces expand to.
    alternatives: Vec<Vec<Token>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(char),
    /// `?`
    AnyCharacter,
    /// `*`
    WithinFolder,
    /// `**`
    AcrossFolders,
    /// `[a-z]`, `[!a-z]`
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// What a pattern's groups may multiply to.
const MAX_ALTERNATIVES: usize = 4096;

impl Exclusion {
    pub fn parse(pattern: &str) -> Result<Self, Error> {
        parse(pattern)
            .map(|alternatives| Self { alternatives })
            .map_err(|message| Error::Exclusion {
                pattern: pattern.to_owned(),
                message: message.to_owned(),
            })
    }

    /// Takes a key relative to the include path, as in `departments/finance.json`.
    pub fn matches(&self, key: &str) -> bool {
        self.alternatives.iter().any(|tokens| matches(tokens, key))
    }
}

fn parse(pattern: &str) -> Result<Vec<Vec<Token>>, &'static str> {
    let pattern = pattern.trim_start_matches('/');
    let mut characters = pattern.chars().peekable();
    // Outside a group there is one part; inside, one for each alternative so far.
    let mut finished: Vec<Vec<Token>> = vec![Vec::new()];
    let mut group: Option<Vec<Vec<Token>>> = None;
    let mut part: Vec<Token> = Vec::new();
    while let Some(character) = characters.next() {
        let token = match character {
            '\\' => Token::Literal(
                characters
                    .next()
                    .ok_or("nothing follows the last backslash")?,
            ),
            '?' => Token::AnyCharacter,
            '*' if characters.next_if_eq(&'*').is_some() => Token::AcrossFolders,
            '*' => Token::WithinFolder,
            '[' => set(&mut characters)?,
            '{' if group.is_some() => return Err("groups cannot be nested"),
            '{' => {
                finished = join(&finished, &[std::mem::take(&mut part)])?;
                group = Some(Vec::new());
                continue;
            }
            ',' if group.is_some() => {
                let alternative = std::mem::take(&mut part);
                group.get_or_insert_default().push(alternative);
                continue;
            }
            '}' if group.is_some() => {
                let mut alternatives = group.take().unwrap_or_default();
                alternatives.push(std::mem::take(&mut part));
                finished = join(&finished, &alternatives)?;
                continue;
            }
            other => Token::Literal(other),
        };
        part.push(token);
    }
    if group.is_some() {
        return Err("a group is not closed with `}`");
    }
    join(&finished, &[part])
}

fn join(heads: &[Vec<Token>], tails: &[Vec<Token>]) -> Result<Vec<Vec<Token>>, &'static str> {
    if heads.len() * tails.len() > MAX_ALTERNATIVES {
        return Err("its groups have too many combinations");
    }
    Ok(heads
        .iter()
        .flat_map(|head| tails.iter().map(|tail| [&head[..], &tail[..]].concat()))
        .collect())
}

fn set(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Token, &'static str> {
    const NOT_CLOSED: &str = "a bracket expression is not closed with `]`";
    let negated = characters.next_if_eq(&'!').is_some();
    let mut ranges = Vec::new();
    loop {
        let first = characters.next().ok_or(NOT_CLOSED)?;
        if first == ']' && !ranges.is_empty() {
            return Ok(Token::Set { negated, ranges });
        }
        let mut last = first;
        // A hyphen that comes first, or last, stands for itself.
        if characters.peek() == Some(&'-') {
            let mut ahead = characters.clone();
            ahead.next();
            match ahead.next() {
                Some(']') => {}
                Some(end) => {
                    last = end;
                    *characters = ahead;
                }
                None => return Err(NOT_CLOSED),
            }
        }
        if last < first {
            return Err("a range in brackets goes backwards");
        }
        ranges.push((first, last));
    }
}

/// Follows all ways through the pattern at once, so that no pattern takes long.
fn matches(tokens: &[Token], key: &str) -> bool {
    let mut places = vec![false; tokens.len() + 1];
    places[0] = true;
    skip_asterisks(tokens, &mut places);
    for character in key.chars() {
        let mut next = vec![false; tokens.len() + 1];
        for (place, token) in tokens.iter().enumerate() {
            if !places[place] {
                continue;
            }
            match token {
                Token::AcrossFolders => next[place] = true,
                Token::WithinFolder => next[place] |= character != '/',
                one => next[place + 1] |= one.takes(character),
            }
        }
        skip_asterisks(tokens, &mut next);
        places = next;
    }
    places[tokens.len()]
}

/// An asterisk may stand for nothing.
fn skip_asterisks(tokens: &[Token], places: &mut [bool]) {
    for (place, token) in tokens.iter().enumerate() {
        if places[place] && matches!(token, Token::WithinFolder | Token::AcrossFolders) {
            places[place + 1] = true;
        }
    }
}

impl Token {
    fn takes(&self, character: char) -> bool {
        match self {
            Token::Literal(literal) => *literal == character,
            Token::AnyCharacter => character != '/',
            Token::Set { negated, ranges } => {
                let among = ranges
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&character));
                character != '/' && among != *negated
            }
            Token::WithinFolder | Token::AcrossFolders => false,
        }
    }
}
