//! How many calls an apply would make, about.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::json::Calls;
use crate::plan::{OperationKind, Unit};
use crate::program::Side;
use crate::store::Store;

/// Counts writes by object: each batch of one object is a call.
pub struct CallCounter {
    batch: [u64; 2],
    writes: [FxHashMap<SmolStr, u64>; 2],
}

impl CallCounter {
    pub fn new(stores: &[Box<dyn Store>; 2]) -> CallCounter {
        let batch = |side: usize| stores[side].capabilities().batch.max(1) as u64;
        CallCounter {
            batch: [batch(0), batch(1)],
            writes: Default::default(),
        }
    }
    pub fn add(&mut self, unit: &Unit) {
        for operation in &unit.operations {
            if !writes(operation.kind) {
                continue;
            }
            let writes = &mut self.writes[operation.side.index()];
            match writes.get_mut(&operation.object) {
                Some(count) => *count += 1,
                None => {
                    writes.insert(operation.object.clone(), 1);
                }
            }
        }
    }
    pub fn calls(&self) -> Calls {
        let calls = |side: Side| {
            let batch = self.batch[side.index()];
            let writes = self.writes[side.index()].values();
            writes.map(|count| count.div_ceil(batch)).sum()
        };
        Calls {
            estimated: [calls(Side::Left), calls(Side::Right)],
        }
    }
}

/// Links live in the ledger alone; everything else is a write of the store.
fn writes(kind: OperationKind) -> bool {
    !matches!(kind, OperationKind::Link | OperationKind::Unlink)
}
