//! Long columns that grow without being copied.

/// Items of one chunk.
const CHUNK: usize = 4096;

/// Items in the order in which they came. It grows by chunks, so that it never takes twice its size, and gives them back one by one.
#[derive(Debug, Clone)]
pub struct Column<T> {
    /// All but the last one are full.
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Column<T> {
    fn default() -> Column<T> {
        Column { chunks: Vec::new() }
    }
}

impl<T> Column<T> {
    pub fn push(&mut self, item: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(item),
            _ => self.chunks.push(vec![item]),
        }
    }

    pub fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, Vec::len);
        self.chunks.len().saturating_sub(1) * CHUNK + last
    }

    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten()
    }
}

impl<T> IntoIterator for Column<T> {
    type Item = T;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<T>>>;

    /// Each chunk is freed once its items are taken.
    fn into_iter(self) -> Self::IntoIter {
        self.chunks.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_places_across_chunks() {
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let mut column = Column::default();
            (0..len).for_each(|item| column.push(item));
            assert_eq!(column.len(), len);
            assert!((0..len).all(|place| column.get(place) == Some(&place)));
            assert_eq!(column.get(len), None);
            assert!(column.iter().copied().eq(0..len));
            assert!(column.into_iter().eq(0..len));
        }
    }
}
