//! Numbers that are the same in every run, and bytes that are damaged by them.

/// Bytes that mean something to a reader of texts, and numbers at their limits.
const TELLING: &[u8] = b"\"\n\r,|\t;\x01{}[]:\\\0\x7f\x80\xff<>%";

/// Marsaglia's xorshift.
pub struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(0x0139_408d_cbbf_7a44 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Changes a few bytes; near the end as often as anywhere, as footers are there.
    pub fn damage(&mut self, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        for _ in 0..=self.below(4) {
            if body.is_empty() {
                break;
            }
            let near = body.len().min(64);
            let place = match self.below(2) {
                0 => self.below(body.len()),
                _ => body.len() - 1 - self.below(near),
            };
            let byte = match self.below(2) {
                0 => self.one_of(TELLING),
                _ => self.below(256) as u8,
            };
            match self.below(5) {
                0 => body.truncate(place),
                1 => body.insert(place, byte),
                2 => drop(body.remove(place)),
                _ => body[place] = byte,
            }
        }
        body
    }
}
