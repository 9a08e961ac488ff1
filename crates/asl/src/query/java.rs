//! What of Java shows in Step Functions: its source of random numbers, and the order of its maps.

/// How far in the table of a `java.util.HashMap` of so many keys a key stands: that is the order in
/// which it goes through them, and those with one place come as they were put in.
///
/// Source: `HashMap` and `String.hashCode` of OpenJDK: a table of 16, doubled while it is fuller than
/// three quarters, and the upper half of the hash spread over the lower one.
pub(crate) fn place(key: &str, keys: usize) -> u32 {
    let hash = key.encode_utf16().fold(0_u32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(u32::from(unit))
    });
    let mut table = 16;
    while keys > table / 4 * 3 {
        table *= 2;
    }
    (hash ^ (hash >> 16)) & (table as u32 - 1)
}

/// `java.util.Random`: a linear congruential generator of 48 bits.
///
/// Source: the class's documentation, which prescribes the algorithm.
pub(super) struct Random(u64);

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

impl Random {
    pub fn new(seed: i64) -> Self {
        Self((seed as u64 ^ MULTIPLIER) & MASK)
    }

    fn next(&mut self, bits: u32) -> u64 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        self.0 >> (48 - bits)
    }

    /// A number from 0 to just below 1.
    pub fn next_double(&mut self) -> f64 {
        let bits = (self.next(26) << 27) + self.next(27);
        bits as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::{Random, place};

    #[test]
    fn keys_are_gone_through_as_java_does() {
        let arranged = |keys: &str| {
            let mut keys: Vec<_> = keys.split(' ').collect();
            let count = keys.len();
            keys.sort_by_key(|key| place(key, count));
            keys.join(" ")
        };
        for (given, gone_through) in [
            ("encoded decoded", "decoded encoded"),
            ("Bucket Key", "Bucket Key"),
            ("Question Answer", "Answer Question"),
            (
                "mergedJson parsedJson stringifiedJson",
                "parsedJson mergedJson stringifiedJson",
            ),
            // Both have the hash 2112.
            ("Aa BB", "Aa BB"),
            ("BB Aa", "BB Aa"),
        ] {
            assert_eq!(arranged(given), gone_through);
        }
        // 49 and 65 are in one place of 16, and not in one of 32.
        assert_eq!((place("1", 12), place("A", 12)), (1, 1));
        assert_eq!((place("1", 13), place("A", 13)), (17, 1));
    }

    #[test]
    fn the_numbers_are_those_of_java() {
        let mut random = Random::new(42);
        let numbers = [random.next_double(), random.next_double()];
        assert_eq!(numbers, [0.727_563_680_032_868_1, 0.683_223_471_759_845_4]);
        assert_eq!(Random::new(0).next_double(), 0.730_967_787_376_657);
        assert_eq!(Random::new(-1).next_double(), 0.268_942_630_880_504_96);
    }
}
