//! Limits beyond which a run stops before its first write.

use std::fmt;

use indexmap::IndexMap;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use smol_str::SmolStr;

/// Below this many records no guard speaks.
pub const FLOOR: u64 = 20;

/// A share in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(Decimal);

impl Percent {
    /// `5%`, `0.5%`; `None` for every other text.
    pub fn parse(text: &str) -> Option<Self> {
        let number = Decimal::from_str_exact(text.trim().strip_suffix('%')?.trim_end()).ok()?;
        (number >= Decimal::ZERO && number <= Decimal::from(10_000)).then_some(Percent(number))
    }

    /// That share of `total`, in whole numbers.
    pub fn of(self, total: u64) -> u64 {
        (self.0 * Decimal::from(total) / Decimal::ONE_HUNDRED)
            .floor()
            .to_u64()
            .unwrap_or(u64::MAX)
    }
}

impl From<u8> for Percent {
    fn from(percent: u8) -> Self {
        Percent(Decimal::from(percent))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0.normalize())
    }
}

/// The limits of one relationship, each a share of its linked records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    pub delete: Percent,
    pub blank: Percent,
    pub create: Percent,
}

impl Default for Guard {
    fn default() -> Self {
        Guard {
            delete: Percent::from(5),
            blank: Percent::from(20),
            create: Percent::from(50),
        }
    }
}

/// The most records that a guard lets pass: its share of the linked ones, and never fewer than 20.
pub fn allowed(share: Percent, linked: u64) -> u64 {
    share.of(linked).max(FLOOR)
}

/// The limits of all relationships.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guards {
    pub default: Guard,
    pub relationships: IndexMap<SmolStr, Guard>,
}

impl Guards {
    pub fn of(&self, relationship: &str) -> Guard {
        self.relationships
            .get(relationship)
            .copied()
            .unwrap_or(self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_a_floor() {
        let five = Percent::from(5);
        assert_eq!(
            (
                allowed(five, 0),
                allowed(five, 400),
                allowed(five, 1_000_019)
            ),
            (20, 20, 50_000)
        );
        assert_eq!(
            Percent::parse("0.5 %").map(|share| share.of(1_000)),
            Some(5)
        );
        for wrong in ["5", "%", "-1%", "five%", "1e2%", "99999%"] {
            assert_eq!(Percent::parse(wrong), None, "{wrong}");
        }
    }
}
