//! Time and waiting, as the loop meets them: real ones here, made up ones in tests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Machines sleep and clocks are put right: no wait is longer, so that neither is noticed late.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(30);

pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
}

pub trait World: Clock {
    /// Until then, or until something rings.
    fn wait(&self, until: DateTime<Utc>);
    /// What rings.
    fn bell(&self) -> &Arc<Bell>;
    /// The daemon is to stop, after what it must finish.
    fn stopping(&self) -> bool {
        self.bell().is_stopping()
    }
}

/// Wakes the loop, and says what for.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
    stop: AtomicBool,
    events: AtomicBool,
    stores: AtomicBool,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.heard.notify_all();
    }

    /// An event is in the inbox.
    pub fn event(&self) {
        self.events.store(true, Ordering::SeqCst);
        self.ring();
    }

    /// Somebody changed a store.
    pub fn store(&self) {
        self.stores.store(true, Ordering::SeqCst);
        self.ring();
    }

    /// Whether an event came since this was asked last.
    pub fn take_event(&self) -> bool {
        self.events.swap(false, Ordering::SeqCst)
    }

    /// Whether a store was changed since this was asked last.
    pub fn take_store(&self) -> bool {
        self.stores.swap(false, Ordering::SeqCst)
    }

    /// For good.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.ring();
    }

    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn wait(&self, longest: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self
            .heard
            .wait_timeout_while(rung, longest, |rung| !*rung)
            .unwrap_or_else(PoisonError::into_inner);
        *rung = false;
    }
}

/// This machine's clock.
#[derive(Debug, Clone)]
pub struct System {
    bell: Arc<Bell>,
}

impl System {
    pub fn new(bell: Arc<Bell>) -> System {
        System { bell }
    }
}

impl Clock for System {
    /// To the millisecond, as all times of plans and ledgers are.
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

impl World for System {
    fn wait(&self, until: DateTime<Utc>) {
        let longest = (until - self.now()).min(LONGEST_WAIT);
        if let Ok(longest) = longest.to_std() {
            self.bell.wait(longest);
        }
    }

    fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}
