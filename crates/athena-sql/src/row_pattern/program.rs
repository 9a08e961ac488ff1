//! A row pattern as a program of small steps.
//!
//! Source: Trino's `IrRowPatternToProgramRewriter`, whose order of preference this keeps.

use crate::ast::{Identifier, RowPattern, RowPatternKind};
use crate::error::Error;

/// One step of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// Takes a row under a label.
    Label(usize),
    /// Goes on at the first place, and at the second if that leads nowhere.
    Split(usize, usize),
    Jump(usize),
    /// Only before the partition's first row: `^`.
    Start,
    /// Only behind the partition's last row: `$`.
    End,
    /// An excluded part begins or ends.
    Save,
    Done,
}

/// How long a program may get: repetitions and permutations are written out.
const MAX_INSTRUCTIONS: usize = 100_000;

/// A variable of a row pattern as CLASSIFIER gives it: in capitals unless it is quoted.
pub fn label_name(name: &Identifier) -> String {
    if name.quoted {
        name.value.clone()
    } else {
        name.value.to_uppercase()
    }
}

/// The program of a pattern whose variables are `labels`. Fails where it gets too long.
pub fn compile(pattern: &RowPattern, labels: &[String]) -> Result<Vec<Instruction>, Error> {
    let mut compiler = Compiler {
        labels,
        code: Vec::new(),
        excluding: false,
    };
    compiler.pattern(pattern)?;
    compiler.push(Instruction::Done)?;
    Ok(compiler.code)
}

struct Compiler<'a> {
    labels: &'a [String],
    code: Vec<Instruction>,
    /// Whether an exclusion is around; one within it says nothing new.
    excluding: bool,
}

impl Compiler<'_> {
    /// Adds an instruction, and gives its place.
    fn push(&mut self, instruction: Instruction) -> Result<usize, Error> {
        if self.code.len() == MAX_INSTRUCTIONS {
            let what = format!("a row pattern of more than {MAX_INSTRUCTIONS} steps");
            return Err(Error::not_supported(what));
        }
        self.code.push(instruction);
        Ok(self.code.len() - 1)
    }

    /// A place for an instruction that is known later.
    fn reserve(&mut self) -> Result<usize, Error> {
        self.push(Instruction::Done)
    }

    fn pattern(&mut self, pattern: &RowPattern) -> Result<(), Error> {
        match &pattern.kind {
            RowPatternKind::Variable(name) => {
                let name = label_name(name);
                let label = self.labels.iter().position(|label| *label == name);
                let label = label.ok_or_else(|| Error::internal(format!("no label {name}")))?;
                self.push(Instruction::Label(label)).map(|_| ())
            }
            RowPatternKind::Empty => Ok(()),
            RowPatternKind::Concatenation(parts) => {
                parts.iter().try_for_each(|part| self.pattern(part))
            }
            RowPatternKind::Alternation(parts) => self.alternation(parts),
            RowPatternKind::Permutation(parts) => self.permutation(parts),
            RowPatternKind::PartitionStart => self.push(Instruction::Start).map(|_| ()),
            RowPatternKind::PartitionEnd => self.push(Instruction::End).map(|_| ()),
            RowPatternKind::Excluded(inner) if self.excluding => self.pattern(inner),
            RowPatternKind::Excluded(inner) => {
                self.push(Instruction::Save)?;
                self.excluding = true;
                let compiled = self.pattern(inner);
                self.excluding = false;
                compiled?;
                self.push(Instruction::Save).map(|_| ())
            }
            RowPatternKind::Quantified {
                pattern,
                at_least,
                at_most,
                greedy,
            } => match at_most {
                Some(at_most) => self.ranged(pattern, *at_least, *at_most, *greedy),
                None => self.looping(pattern, *at_least, *greedy),
            },
        }
    }

    fn alternation(&mut self, parts: &[RowPattern]) -> Result<(), Error> {
        let mut jumps = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            if i + 1 == parts.len() {
                self.pattern(part)?;
                break;
            }
            let split = self.reserve()?;
            self.pattern(part)?;
            jumps.push(self.reserve()?);
            self.code[split] = Instruction::Split(split + 1, self.code.len());
        }
        self.end(&jumps);
        Ok(())
    }

    /// The parts in every order, that in which they are written first.
    fn permutation(&mut self, parts: &[RowPattern]) -> Result<(), Error> {
        let mut jumps = Vec::new();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        loop {
            let mut next = order.clone();
            if !next_permutation(&mut next) {
                break;
            }
            let split = self.reserve()?;
            self.in_order(parts, &order)?;
            jumps.push(self.reserve()?);
            self.code[split] = Instruction::Split(split + 1, self.code.len());
            order = next;
        }
        self.in_order(parts, &order)?;
        self.end(&jumps);
        Ok(())
    }

    fn in_order(&mut self, parts: &[RowPattern], order: &[usize]) -> Result<(), Error> {
        order.iter().try_for_each(|i| self.pattern(&parts[*i]))
    }

    /// Has jumps lead to what comes next.
    fn end(&mut self, jumps: &[usize]) {
        let end = self.code.len();
        for jump in jumps {
            self.code[*jump] = Instruction::Jump(end);
        }
    }

    /// At least so often, without an end.
    fn looping(&mut self, pattern: &RowPattern, at_least: u32, greedy: bool) -> Result<(), Error> {
        if at_least == 0 {
            let split = self.reserve()?;
            let start = self.code.len();
            self.pattern(pattern)?;
            self.repeat(start, greedy)?;
            self.code[split] = choice(start, self.code.len(), greedy);
            return Ok(());
        }
        let start = self.copies(pattern, at_least)?;
        self.repeat(start, greedy)
    }

    fn ranged(
        &mut self,
        pattern: &RowPattern,
        at_least: u32,
        at_most: u32,
        greedy: bool,
    ) -> Result<(), Error> {
        self.copies(pattern, at_least)?;
        let mut splits = Vec::new();
        for _ in at_least..at_most {
            splits.push(self.reserve()?);
            self.pattern(pattern)?;
        }
        let end = self.code.len();
        for split in splits {
            self.code[split] = choice(split + 1, end, greedy);
        }
        Ok(())
    }

    /// The pattern so often; gives where the last of them begins.
    fn copies(&mut self, pattern: &RowPattern, times: u32) -> Result<usize, Error> {
        let mut start = self.code.len();
        for _ in 0..times {
            start = self.code.len();
            self.pattern(pattern)?;
            if self.code.len() == start {
                // Nothing, however often, is nothing.
                break;
            }
        }
        Ok(start)
    }

    fn repeat(&mut self, start: usize, greedy: bool) -> Result<(), Error> {
        let next = self.code.len() + 1;
        self.push(choice(start, next, greedy)).map(|_| ())
    }
}

/// Into a repetition or past it, whichever is preferred first.
fn choice(into: usize, past: usize, greedy: bool) -> Instruction {
    if greedy {
        Instruction::Split(into, past)
    } else {
        Instruction::Split(past, into)
    }
}

/// The next order in the sense of a dictionary; false, and no change, behind the last.
fn next_permutation(order: &mut [usize]) -> bool {
    let Some(pivot) = (1..order.len()).rev().find(|i| order[i - 1] < order[*i]) else {
        return false;
    };
    let Some(larger) = (pivot..order.len())
        .rev()
        .find(|i| order[*i] > order[pivot - 1])
    else {
        return false;
    };
    order.swap(pivot - 1, larger);
    order[pivot..].reverse();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_come_in_the_order_of_a_dictionary() {
        let mut order = vec![0, 1, 2];
        let mut all = vec![order.clone()];
        while next_permutation(&mut order) {
            all.push(order.clone());
        }
        let expected = [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ];
        assert_eq!(all, expected);
    }
}
