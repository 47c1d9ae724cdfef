//! In which order things stand in the picture, so that few lines cross: each goes to the middle of what it is tied to, in turns, and the
//! best turn counts.

use super::Picture;

/// Turns after which nothing gets better in pictures that anybody can read.
const TURNS: usize = 12;
/// Relationships beyond which nobody reads the picture: counting crossings takes the square of their number.
const MOST: usize = 300;

/// Places from top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Of each relationship, its row.
    pub rows: Vec<usize>,
    /// Of each object of a side, its place in the column.
    pub objects: [Vec<usize>; 2],
}

/// An order with few crossings; of equal ones the first, which is the order of the relationships.
pub fn order(picture: &Picture) -> Order {
    let mut order = Order {
        rows: (0..picture.relationships.len()).collect(),
        objects: [0, 1].map(|side| (0..picture.objects[side].len()).collect()),
    };
    settle_objects(picture, &mut order);
    if picture.relationships.len() > MOST {
        return order;
    }
    let mut best = order.clone();
    let mut least = crossings(picture, &best);
    for _ in 0..TURNS {
        settle_rows(picture, &mut order);
        settle_objects(picture, &mut order);
        let now = crossings(picture, &order);
        if now < least {
            least = now;
            best = order.clone();
        }
    }
    best
}

fn settle_objects(picture: &Picture, order: &mut Order) {
    for side in [0, 1] {
        let wanted = (0..picture.objects[side].len()).map(|object| {
            let rows = picture.relationships.iter().zip(&order.rows);
            mean(
                rows.filter(|(tie, _)| tie.ends[side].contains(&object))
                    .map(|(_, row)| *row as f64),
            )
        });
        order.objects[side] = ranked(&wanted.collect::<Vec<_>>(), &order.objects[side]);
    }
}

fn settle_rows(picture: &Picture, order: &mut Order) {
    let wanted = picture.relationships.iter().map(|tie| {
        mean([0, 1].into_iter().flat_map(|side| {
            // As a share of the column: both sides count alike.
            let height = picture.objects[side].len().max(1) as f64;
            let places = &order.objects[side];
            tie.ends[side]
                .iter()
                .map(move |at| (places[*at] as f64 + 0.5) / height)
        }))
    });
    order.rows = ranked(&wanted.collect::<Vec<_>>(), &order.rows);
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count == 0.0 { 0.0 } else { sum / count }
}

/// The places of things by where they want to be; equal ones keep their order.
fn ranked(wanted: &[f64], before: &[usize]) -> Vec<usize> {
    let mut things: Vec<usize> = (0..wanted.len()).collect();
    things.sort_by(|a, b| {
        wanted[*a]
            .total_cmp(&wanted[*b])
            .then(before[*a].cmp(&before[*b]))
    });
    let mut places = vec![0; wanted.len()];
    for (place, thing) in things.into_iter().enumerate() {
        places[thing] = place;
    }
    places
}

/// How many pairs of lines between the relationships and the objects cross.
fn crossings(picture: &Picture, order: &Order) -> usize {
    let mut count = 0;
    for side in [0, 1] {
        let lines: Vec<(usize, usize)> = picture
            .relationships
            .iter()
            .zip(&order.rows)
            .flat_map(|(tie, row)| {
                let places = &order.objects[side];
                tie.ends[side].iter().map(move |at| (*row, places[*at]))
            })
            .collect();
        for (place, a) in lines.iter().enumerate() {
            let crossing =
                |b: &&(usize, usize)| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1);
            count += lines[place + 1..].iter().filter(crossing).count();
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::model::Arrow;
    use crate::doc::picture::Tie;

    #[test]
    fn what_is_tied_together_stands_together() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
        let tie = |name: &str, left: usize, right: usize| Tie {
            name: name.into(),
            arrow: Arrow::Both,
            ends: [vec![left], vec![right]],
        };
        let picture = Picture {
            objects: [names(&["a", "b", "c"]), names(&["A", "B", "C"])],
            relationships: vec![tie("one", 0, 2), tie("two", 1, 1), tie("three", 2, 0)],
            ..Picture::default()
        };
        assert_eq!(crossings(&picture, &order(&picture)), 0);
    }
}
