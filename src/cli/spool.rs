//! Lists that grow side by side and are read one after the other: pieces of all of them wait in one file, on disk when it grows.

use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

/// Bytes of a list that are kept in memory before they wait in the file.
const PIECE: usize = 16 << 10;
/// Bytes of the file that stay in memory.
const IN_MEMORY: usize = 1 << 20;

pub struct Spool {
    file: SpooledTempFile,
    /// Bytes in the file.
    end: u64,
    lists: Vec<List>,
}

#[derive(Default)]
struct List {
    /// Where its pieces stand in the file, and how long they are.
    pieces: Vec<(u64, u64)>,
    tail: Vec<u8>,
    entries: u64,
}

impl Spool {
    /// Empty lists, numbered from 0.
    pub fn new(lists: usize) -> Spool {
        let mut all = Vec::new();
        all.resize_with(lists, List::default);
        Spool {
            file: SpooledTempFile::new(IN_MEMORY),
            end: 0,
            lists: all,
        }
    }

    /// How many entries a list has.
    pub fn entries(&self, list: usize) -> u64 {
        self.lists[list].entries
    }

    /// Appends an entry to a list.
    ///
    /// # Errors
    /// The disk takes no more.
    pub fn push(&mut self, list: usize, entry: &[u8]) -> io::Result<()> {
        let list = &mut self.lists[list];
        list.entries += 1;
        list.tail.extend_from_slice(entry);
        if list.tail.len() >= PIECE {
            self.file.write_all(&list.tail)?;
            let length = list.tail.len() as u64;
            list.pieces.push((self.end, length));
            self.end += length;
            list.tail.clear();
        }
        Ok(())
    }

    /// Writes the entries of a list in their order, and empties it.
    ///
    /// # Errors
    /// The file can't be read, or the output takes no more.
    pub fn drain(&mut self, list: usize, out: &mut impl Write) -> io::Result<()> {
        let list = std::mem::take(&mut self.lists[list]);
        for (start, length) in list.pieces {
            self.file.seek(SeekFrom::Start(start))?;
            io::copy(&mut (&mut self.file).take(length), out)?;
        }
        self.file.seek(SeekFrom::End(0))?;
        out.write_all(&list.tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_order_whatever_comes_between() {
        let mut spool = Spool::new(3);
        let mut expected = [String::new(), String::new(), String::new()];
        for number in 0..200_000_usize {
            let list = number * 7 % 3;
            let entry = format!("{number};");
            spool.push(list, entry.as_bytes()).unwrap();
            expected[list].push_str(&entry);
        }
        for list in [1, 0, 2] {
            assert!(spool.entries(list) > 60_000);
            let mut out = Vec::new();
            spool.drain(list, &mut out).unwrap();
            assert!(out == expected[list].as_bytes(), "list {list}");
            assert_eq!(spool.entries(list), 0);
        }
        spool.push(0, b"again").unwrap();
        let mut out = Vec::new();
        spool.drain(0, &mut out).unwrap();
        assert_eq!(out, b"again");
    }
}
