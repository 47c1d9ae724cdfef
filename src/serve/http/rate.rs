//! How many requests are taken in a while: a bucket of tokens that fills at a steady pace.

use chrono::{DateTime, Utc};

#[derive(Debug, Clone)]
pub struct Bucket {
    /// Tokens a second.
    rate: f64,
    size: f64,
    tokens: f64,
    at: Option<DateTime<Utc>>,
}

impl Bucket {
    /// `rate` requests a second on average, four times as many at once.
    pub fn new(rate: u32) -> Bucket {
        let size = f64::from(rate.max(1)) * 4.0;
        Bucket {
            rate: f64::from(rate.max(1)),
            size,
            tokens: size,
            at: None,
        }
    }

    /// Takes a token; without one, the seconds until there is one.
    pub fn take(&mut self, now: DateTime<Utc>) -> Result<(), u64> {
        let gone = self.at.map_or(0, |at| (now - at).num_milliseconds());
        // A clock that is put back gives nothing, and takes nothing away.
        let gained = gone.max(0) as f64 / 1000.0 * self.rate;
        self.tokens = (self.tokens + gained).min(self.size);
        self.at = Some(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(((1.0 - self.tokens) / self.rate).ceil().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_burst_is_taken_and_then_what_the_rate_allows() {
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let mut bucket = Bucket::new(10);
        let taken = (0..100).filter(|_| bucket.take(start).is_ok()).count();
        assert_eq!(taken, 40);
        assert_eq!(bucket.take(start), Err(1));
        let later = start + TimeDelta::seconds(2);
        let taken = (0..100).filter(|_| bucket.take(later).is_ok()).count();
        assert_eq!(taken, 20);
        assert!(bucket.take(start).is_err(), "a clock that is put back");
    }
}
