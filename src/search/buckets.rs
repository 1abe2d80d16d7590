//! Numbers and times in buckets: the terms by which the index finds a range without reading a whole
//! column.
//!
//! A bucket holds what is near each other, and buckets are in the order of what they hold, so that
//! all buckets between those of a range's ends are inside the range. Only what is in these two has to
//! be looked at.

use tantivy::columnar::{Column, MonotonicallyMappableToU64};
use tantivy::schema::Field;
use tantivy::{SegmentReader, Term};

/// Each octave of numbers is split into so many buckets, and smaller numbers stand alone.
const IN_OCTAVE: u64 = 64;

pub(super) const HOUR_MS: i64 = 3_600_000;

/// What stands in a column and, by its bucket, in a field of terms.
pub(super) trait Bucketed:
    PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static
{
    /// The bucket that holds this.
    fn bucket(self) -> Self;

    /// The next smaller one, if there is one.
    fn before(self) -> Option<Self>;

    /// The next larger one, if there is one.
    fn after(self) -> Option<Self>;

    fn term(self, field: Field) -> Term;

    fn column(segment: &SegmentReader, name: &str) -> tantivy::Result<Column<Self>>;
}

/// Durations and sizes.
impl Bucketed for u64 {
    fn bucket(self) -> Self {
        let bits = Self::BITS - self.leading_zeros();
        let shift = bits.saturating_sub(IN_OCTAVE.trailing_zeros() + 1);
        Self::from(shift) * IN_OCTAVE + (self >> shift)
    }

    fn before(self) -> Option<Self> {
        self.checked_sub(1)
    }

    fn after(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn term(self, field: Field) -> Term {
        Term::from_field_u64(field, self)
    }

    fn column(segment: &SegmentReader, name: &str) -> tantivy::Result<Column<Self>> {
        segment.fast_fields().u64(name)
    }
}

/// Times in milliseconds, whose buckets are hours.
impl Bucketed for i64 {
    fn bucket(self) -> Self {
        self.div_euclid(HOUR_MS)
    }

    fn before(self) -> Option<Self> {
        self.checked_sub(1)
    }

    fn after(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn term(self, field: Field) -> Term {
        Term::from_field_i64(field, self)
    }

    fn column(segment: &SegmentReader, name: &str) -> tantivy::Result<Column<Self>> {
        segment.fast_fields().i64(name)
    }
}

/// The hour that a term of a field of times stands for.
pub(super) fn time_of_term(key: &[u8]) -> Option<i64> {
    let number = u64::from_be_bytes(key.try_into().ok()?);
    Some(MonotonicallyMappableToU64::from_u64(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_numbers_stand_alone() {
        for number in 0..2 * IN_OCTAVE {
            assert_eq!(number.bucket(), number);
        }
        assert_eq!(128_u64.bucket(), 129_u64.bucket());
        assert_eq!(u64::MAX.bucket(), 58 * IN_OCTAVE - 1 + IN_OCTAVE);
    }

    #[test]
    fn a_term_tells_its_hour() {
        for hour in [i64::MIN, -1, 0, 1, i64::MAX] {
            let term = hour.term(Field::from_field_id(0));
            assert_eq!(time_of_term(term.serialized_value_bytes()), Some(hour));
        }
    }

    proptest! {
        #[test]
        fn numbers_are_in_the_order_of_their_buckets(one: u64, other: u64, shift in 0_u32..64) {
            let (one, other) = (one >> shift, other >> shift);
            prop_assert_eq!(one.min(other).bucket(), one.bucket().min(other.bucket()));
        }

        #[test]
        fn times_are_in_the_order_of_their_hours(one: i64, other: i64) {
            prop_assert_eq!(one.min(other).bucket(), one.bucket().min(other.bucket()));
        }
    }
}
