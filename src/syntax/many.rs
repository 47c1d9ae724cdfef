//! Several files, on all cores where that pays.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::read::{Parsed, parse};
use crate::diagnostic::FileId;

/// Bytes below which starting a thread costs more than it saves.
const SMALL: usize = 64 << 10;

/// [`parse`] of each file, in their order.
pub fn parse_all(files: &[(FileId, &str)]) -> Vec<Parsed> {
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(files.len());
    if bytes < SMALL || threads < 2 {
        return files.iter().map(|(id, text)| parse(*id, text)).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || {
        let mut read = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((id, text)) = files.get(at) else {
                return read;
            };
            read.push((at, parse(*id, text)));
        }
    };
    let mut read = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(some)).collect();
        let mut read = some();
        for other in others {
            read.extend(
                other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
        read
    });
    read.sort_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, parsed)| parsed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_in_their_order() {
        let texts: Vec<String> = (0..50)
            .map(|at| format!("let A{at} = {at}\n").repeat(200))
            .collect();
        let files: Vec<(FileId, &str)> = (0..)
            .map(FileId)
            .zip(texts.iter().map(String::as_str))
            .collect();
        assert!(texts.iter().map(String::len).sum::<usize>() > SMALL);
        for (parsed, (id, _)) in parse_all(&files).iter().zip(&files) {
            assert_eq!(parsed.file.items.len(), 200);
            assert!(parsed.file.items.iter().all(|item| item.span.file == *id));
        }
    }
}
