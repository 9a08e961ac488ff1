//! Whatever is in the file, it is resolved or it has mistakes with places.

use super::*;

/// Numbers that look like chance and are the same every time (PCG by O'Neill, 32 bits of 64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mixed = ((self.0 >> 18) ^ self.0) >> 27;
        (mixed as u32).rotate_right((self.0 >> 59) as u32) as usize % limit.max(1)
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Pieces that a `stack.toml` is made of, and some that it should not be.
const PIECES: &[&str] = &[
    "[stack]\n",
    "[vars]\n",
    "[env]\n",
    "[env.prod]\n",
    "[env.prod.stack]\n",
    "[outputs.x]\n",
    "[buckets.data]\n",
    "[buckets]\n",
    "[[buckets]]\n",
    "[env.prod.buckets.data]\n",
    "[crawlers.films]\n",
    "[tables.t]\n",
    "[state_machines.report]\n",
    "[roles.r.inline.p]\n",
    "name = \"films\"\n",
    "name = \"${stack.env}\"\n",
    "name = 3\n",
    "name = {}\n",
    "value = \"${buckets.data.arn}\"\n",
    "value = [1, { a = true }]\n",
    "days = 30\n",
    "days = { type = \"integer\" }\n",
    "days = { type = \"integer\", default = \"x\" }\n",
    "token = { sensitive = true, default = \"ünï${}\" }\n",
    "env = 1\n",
    "outputs = []\n",
    "outputs.x = \"${buckets.data}\"\n",
    "vars = 2\n",
    "stack = \"x\"\n",
    "region = \"${vars.days}\"\n",
    "account = 1\n",
    "schedule = \"every day at 03:00\"\n",
    "schedule = \"every ünï at\"\n",
    "schedule = \"on the 0th at 9:99\"\n",
    "paths = [\"s3://${buckets.data}/\", 3, {}]\n",
    "paths = []\n",
    "database = \"${databases.lake}\"\n",
    "definition = \"report.asl.json\"\n",
    "tags = { a = \"${aws.region}\", b = 1 }\n",
    "prevent_destroy = true\n",
    "adopt = \"${vars.days}\"\n",
    "x = 1979-05-27T07:32:00Z\n",
    "x = 99999999999999999999\n",
    "x = inf\n",
    "x = \"\"\"\n${a.b\n\"\"\"\n",
    "\"\" = 1\n",
    "\"ä b\" = \"${ä.b.c.d}\"\n",
    "${",
    "}",
    "\"",
    "'",
    "=",
    "[",
    "]",
    "\n",
    "é",
    "\u{1f600}",
    "\\u0000",
    ".",
    ",",
    "{",
    "#",
];

fn text(chance: &mut Chance) -> String {
    let mut text = if chance.below(3) == 0 {
        String::new()
    } else {
        WHOLE.to_owned()
    };
    for _ in 0..=chance.below(4) {
        let at = |chance: &mut Chance, text: &str| {
            let at = chance.below(text.len() + 1);
            // Where a line begins, mostly: what is no TOML is soon known.
            let line = text[..text.floor_char_boundary(at)].rfind('\n');
            match line {
                Some(line) if chance.below(8) > 0 => line + 1,
                _ => text.floor_char_boundary(at),
            }
        };
        match chance.below(4) {
            0 => {
                let from = at(chance, &text);
                let to = text.floor_char_boundary((from + chance.below(60)).min(text.len()));
                text.replace_range(from..to.max(from), "");
            }
            _ => {
                let at = at(chance, &text);
                text.insert_str(at, chance.one_of(PIECES));
            }
        }
    }
    text
}

#[test]
fn no_file_brings_it_down_and_every_mistake_has_a_place() {
    let folder = folder();
    let mut chance = Chance(2026);
    let (mut valid, mut resolved) = (0, 0);
    for _ in 0..3000 {
        let text = text(&mut chance);
        let check = |mistakes: &Diagnostics| {
            assert!(!mistakes.list.is_empty(), "no reason:\n{text}");
            for mistake in &mistakes.list {
                assert!(mistake.span.end <= text.len(), "{mistake:?} in:\n{text}");
                assert!(!mistake.message.is_empty(), "{mistake:?} in:\n{text}");
            }
            assert!(!mistakes.render(false).is_empty());
        };
        let document = match parse(&folder, &text) {
            Ok(document) => document,
            Err(mistakes) => {
                check(&mistakes);
                continue;
            }
        };
        valid += 1;
        if let Err(mistakes) = document.check_envs("111122223333", "eu-west-1") {
            check(&mistakes);
        }
        match document.resolve("111122223333", "eu-west-1") {
            Ok(_) => resolved += 1,
            Err(mistakes) => check(&mistakes),
        }
    }
    // The generator is worth something only if it reaches all three ends.
    assert!(valid > 300, "{valid} were TOML");
    assert!(resolved > 20, "{resolved} were stacks");
}
