//! Java's source of random numbers, of which Step Functions makes its own.

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
    use super::Random;

    #[test]
    fn the_numbers_are_those_of_java() {
        let mut random = Random::new(42);
        let numbers = [random.next_double(), random.next_double()];
        assert_eq!(numbers, [0.727_563_680_032_868_1, 0.683_223_471_759_845_4]);
        assert_eq!(Random::new(0).next_double(), 0.730_967_787_376_657);
        assert_eq!(Random::new(-1).next_double(), 0.268_942_630_880_504_96);
    }
}
